"""The XSeg mask that an aligned face carries, seen in the square of its frame that a model swaps."""

from dataclasses import dataclass

import cv2
import numpy as np

from samplers.files.face import Face
from samplers.geometry.align import umeyama
from samplers.geometry.masks import hull_mask
from samplers.geometry.polygons import PolygonType, overlay


@dataclass(frozen=True)
class StoredMask:
    """Read from the face's file when it is looked at."""

    face: Face
    landmarks: np.ndarray  # (68, 2) the face's in its frame

    @property
    def is_there(self) -> bool:
        """Whether the face carries a mask, damaged or not."""
        return bool(self.face.polygons) or self.face.has_xseg_mask

    def in_square(self, matrix, side: int):
        """(side, side) float32 0..1 in the square that `matrix` (2, 3) maps the frame to; None without a mask.

        Raises UnreadableImage.
        """
        mask = aligned_mask(self.face)
        if mask is None:
            return None
        into_frame = cv2.invertAffineTransform(umeyama(self.landmarks, self.face.landmarks)[:2])
        height, width = self.face.shape
        chain = (matrix, into_frame, from_size(mask.shape, (height, width)))
        combined = np.linalg.multi_dot([np.vstack([each, (0, 0, 1)]) for each in chain])[:2]
        return np.clip(cv2.warpAffine(mask, combined, (side, side), flags=cv2.INTER_CUBIC), 0, 1)


def aligned_mask(face: Face):
    """The mask of an aligned picture, (h, w[, 1]) float32 in any size: as drawn by hand, else as stored; None if there is neither.

    Raises UnreadableImage.
    """
    drawn = {polygon.type for polygon in face.polygons}
    if not drawn:
        return face.read_xseg_mask()
    if PolygonType.INCLUDE in drawn:
        below = np.zeros((*face.shape, 1), np.float32)
    else:
        stored = face.read_xseg_mask()
        below = hull_mask(face.landmarks, face.shape, exact=True) if stored is None else resized(stored, face.shape)
    return overlay(face.polygons, below)


def resized(mask, shape: tuple[int, int]):
    """`mask` as (height, width, 1)."""
    return cv2.resize(mask, shape[::-1], interpolation=cv2.INTER_LINEAR).reshape(*shape, 1)


def from_size(mask_shape, shape: tuple[int, int]):
    """(2, 3): from pixels of the mask to those of its picture."""
    scale = np.array([shape[1] / mask_shape[1], shape[0] / mask_shape[0]])
    return np.column_stack([np.diag(scale), (scale - 1) / 2])
