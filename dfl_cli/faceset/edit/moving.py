"""Face data that moves with its picture: landmarks, polygons, the matrix from the frame, the XSeg mask.

A square of another size is the same square of the frame with other pixels, as `transform_matrix` cuts it: pixel x of the old one lies
at x * factor in the new one. So the matrix, the landmarks and the picture go on agreeing to the last digit.
"""

import cv2
import numpy as np

from dfl_cli.options.tables.faceset import SAME
from samplers.files.face import Face
from samplers.files.face_info import FaceInfo, encode_mask, polygons_field
from samplers.geometry.align import transform_matrix, transform_points, warp_averaged
from samplers.geometry.face_types import FaceType

INSIDE = 0.5  # masks are 1 from here on, else 0


def square_matrix(face: Face, size: int, face_type: str) -> np.ndarray:
    """(2, 3) float64 from the picture of `face` to its square of `size` pixels as `face_type` (h, mf, f, wf, head, same).

    raises  FlatLandmarks
    """
    if face_type != SAME and FaceType.from_short(face_type) != face.face_type:
        return transform_matrix(face.landmarks, size, FaceType.from_short(face_type))
    height, width = face.shape
    return np.float64([[size / width, 0, 0], [0, size / height, 0]])


def moved_fields(info: FaceInfo, matrix: np.ndarray) -> dict:
    """The face data of a picture that is moved by `matrix` (2, 3); the mask is left as it is."""
    fields = dict(info.fields)
    fields["landmarks"] = transform_points(info.landmarks, matrix).tolist()
    if info.polygons:
        moved = [
            each._replace(points=transform_points(each.points, matrix)) for each in info.polygons if len(each.points)
        ]
        fields["seg_ie_polys"] = polygons_field(tuple(moved))
    if info.image_to_face_mat is not None:
        fields["image_to_face_mat"] = after(info.image_to_face_mat, matrix)
    return fields


def resizing(before: tuple[int, ...], after: tuple[int, ...]) -> np.ndarray:
    """(2, 3) for what editors and networks do to a picture of shape `before`: its outer edges stay, x -> (x + .5) * factor - .5."""
    factors = np.float64([after[1] / before[1], after[0] / before[0]])
    return np.column_stack([np.diag(factors), (factors - 1) / 2])


def after(first: np.ndarray, then: np.ndarray) -> np.ndarray:
    """(2, 3): `first`, and `then` on what comes out."""
    return then @ np.vstack([first, [0, 0, 1]])


def moved_picture(picture: np.ndarray, matrix: np.ndarray, size: int) -> np.ndarray:
    """`picture` (H, W, 3) uint8 or float32 0..255 moved by `matrix` to (size, size, 3) uint8; its borders go on outside."""
    floats = picture.astype(np.float32)
    border = cv2.BORDER_REPLICATE
    moved = warp_averaged(floats, matrix, size, interpolation=cv2.INTER_LANCZOS4, border=border)
    return np.clip(np.rint(moved), 0, 255).astype(np.uint8)


def moved_mask(mask: np.ndarray, shape: tuple[int, int], matrix: np.ndarray, size: int) -> np.ndarray:
    """The XSeg mask (h, w, 1) 0..1 of a picture of `shape`, moved by `matrix` to a square of `size`, encoded as large as it was."""
    side = max(mask.shape[:2])
    whole = cv2.resize(mask, shape[::-1], interpolation=cv2.INTER_LINEAR)
    moved = cv2.warpAffine(whole, matrix, (size, size), flags=cv2.INTER_LINEAR)
    fitted = cv2.resize(moved, (side, side), interpolation=cv2.INTER_AREA if side < size else cv2.INTER_LINEAR)
    return encode_mask((fitted >= INSIDE).astype(np.float32))
