"""`dfl faceset enhance`: copies of faces, made sharper by a network in an ONNX file."""

import threading

import cv2
import numpy as np

from dfl_cli.faceset.edit.copies import face_jpeg
from dfl_cli.faceset.edit.moving import after, moved_fields, moved_picture, resizing, square_matrix
from dfl_cli.options.tables.faceset import SAME
from samplers.files.faces import Face


class Enhancing:
    """Makes the files; several threads may ask at once.

    enhancer  an OnnxEnhancer
    share     of what it makes in the result, 0..1; the rest is the picture as it was
    size      side of the result in pixels; None: that of the picture
    """

    def __init__(self, enhancer, share: float, size: int | None):
        self.enhancer, self.share, self.size = enhancer, share, size
        self.asking = threading.Lock()  # the network uses all cores by itself

    @property
    def settings(self) -> dict[str, str]:
        size = str(self.size) if self.size else "same"
        return {"made_by": "faceset enhance", "network": str(self.enhancer), "power": f"{self.share:g}", "size": size}

    def __call__(self, face: Face) -> bytes:
        """The file of `face`. Raises UnreadableImage, FaceDataTooLarge, UnusableNetwork."""
        picture, info = face.read(), face.read_info()
        with self.asking:
            sharp = self.enhancer.enhance(picture[None].astype(np.float32) / 255)[0] * np.float32(255)
        if self.size is None or face.shape == (self.size, self.size):
            return face_jpeg(mixed(fitted(sharp, face.shape), picture, self.share), info.fields)
        matrix = square_matrix(face, self.size, SAME)
        sharp = moved_picture(sharp, after(resizing(sharp.shape, face.shape), matrix), self.size)
        return face_jpeg(
            mixed(sharp, moved_picture(picture, matrix, self.size), self.share), moved_fields(info, matrix)
        )


def fitted(sharp: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """What the network made (n, m, 3) in the size of the picture."""
    smaller = shape[0] < sharp.shape[0]
    return cv2.resize(sharp, shape[::-1], interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)


def mixed(sharp: np.ndarray, picture: np.ndarray, share: float) -> np.ndarray:
    """(H, W, 3) uint8 of two pictures 0..255."""
    blend = sharp.astype(np.float32) * np.float32(share) + picture.astype(np.float32) * np.float32(1 - share)
    return np.clip(np.rint(blend), 0, 255).astype(np.uint8)
