"""What a picture of a face is sorted by: one number, or one histogram, per picture (facesets.md 6.1).

Pictures: (H, W, 3) uint8 BGR. `face` is None for a picture without face data, which then counts as a whole.
"""

from __future__ import annotations

import cv2
import numpy as np

from samplers.files.faces import Face
from samplers.geometry.masks import hull_mask
from samplers.geometry.pose import HeadPose, estimate_pitch_yaw_roll
from samplers.sorting.sharpness import cpbd, laplacian_variance

SMALL = 32  # side, in pixels, of what pictures are compared by in `small`


def blur(bgr: np.ndarray, face: Face | None) -> float:
    """CPBD inside the outline of the face; greater is sharper."""
    return cpbd(cv2.cvtColor(masked(bgr, face), cv2.COLOR_BGR2GRAY))


def motion_blur(bgr: np.ndarray, face: Face | None) -> float:
    """Variance of the Laplacian inside the outline; greater is sharper."""
    return laplacian_variance(masked(bgr, face))


def brightness(bgr: np.ndarray, face: Face | None) -> float:
    """Mean V of HSV, 0..255."""
    return float(cv2.cvtColor(bgr, cv2.COLOR_BGR2HSV)[..., 2].mean())


def hue(bgr: np.ndarray, face: Face | None) -> float:
    """Mean H of 8-bit HSV, 0..180."""
    return float(cv2.cvtColor(bgr, cv2.COLOR_BGR2HSV)[..., 0].mean())


def black(bgr: np.ndarray, face: Face | None) -> float:
    """How many channel values are zero."""
    return float(bgr.size - np.count_nonzero(bgr))


def histogram(bgr: np.ndarray, face: Face | None) -> np.ndarray:
    """(3, 256) float32: how many pixels have each level, for B, G, R."""
    return np.stack([_levels(bgr[..., channel]) for channel in range(3)])


def grey_histogram(bgr: np.ndarray, face: Face | None) -> np.ndarray:
    """(1, 256) float32 of the grey picture."""
    return _levels(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY))[None]


def masked_grey_histogram(bgr: np.ndarray, face: Face | None) -> np.ndarray:
    """(1, 256) float32 of the grey picture, black outside the outline of the face."""
    return grey_histogram(masked(bgr, face), face)


def small(bgr: np.ndarray, face: Face | None) -> np.ndarray:
    """(32 * 32 * 3,) float32 0..255: the picture reduced, whatever its size was."""
    return cv2.resize(bgr, (SMALL, SMALL), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()


def source_area(face: Face) -> float:
    """Pixels that the face took in its frame; 0 where the face data does not say. UnreadableImage."""
    rect = face.read_info().source_rect
    if rect is None:
        return 0.0
    left, top, right, bottom = rect
    return float(abs((right - left) * (bottom - top)))


def pose(face: Face) -> HeadPose:
    """Where the face looks, by its landmarks."""
    return estimate_pitch_yaw_roll(face.landmarks, face.shape[1])


def masked(bgr: np.ndarray, face: Face | None) -> np.ndarray:
    """`bgr`, black outside the outline of the face."""
    if face is None:
        return bgr
    mask = hull_mask(face.landmarks, face.shape, eyebrows_expand_mod=face.eyebrows_expand_mod)
    return bgr * mask.astype(np.uint8)


def _levels(channel: np.ndarray) -> np.ndarray:
    return np.bincount(channel.ravel(), minlength=256).astype(np.float32)
