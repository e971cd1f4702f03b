"""How a face moves through the frames, for motion blur (merger.md 1.3), and how its places are smoothed over time."""

from typing import NamedTuple

import numpy as np

from samplers.geometry.align import transform_matrix, transform_points
from samplers.geometry.face_types import FaceType

SIDE = 256  # pixels of the square that the center is taken from
JUMP = 0.3  # of a face's larger side: points that move further, on average, from one frame to the next belong to another shot


class Motion(NamedTuple):
    """How far the face moves while a frame is seen."""

    power: float  # pixels of the frame, from the frame before to the frame after
    angle: float  # degrees, counter-clockwise, 0 to the right


STILL = Motion(0.0, 0.0)


def face_center(landmarks) -> np.ndarray:
    """(2,) pixels of the frame: the middle of the full-face square around `landmarks` (68, 2). Raises FlatLandmarks."""
    middle = SIDE // 2 - 1
    matrix = transform_matrix(landmarks, SIDE, FaceType.FULL)
    return transform_points(np.float32([(middle, middle)]), matrix, invert=True)[0]


def motion_between(before, after) -> Motion:
    """The motion that takes the face from landmarks `before` to `after`, (68, 2) each. Raises FlatLandmarks."""
    x, y = face_center(after) - face_center(before)
    return Motion(float(np.hypot(x, y)), float(-np.degrees(np.arctan2(y, x))))


def jumps(before, after) -> bool:
    """Whether landmarks (68, 2) of neighbouring frames are too far apart for one face in one shot."""
    return np.linalg.norm(after - before, axis=1).mean() > JUMP * np.ptp(before, axis=0).max()


def smoothing_weights(offsets, reach: int, *, degree: int) -> np.ndarray:
    """What each frame at `offsets` (N,) from the one in question, 0 among them, counts there; they sum to 1.

    The value at 0 of the polynomial that fits the neighbours best, near ones above all (Savitzky and Golay, 1964, with weights
    that fall to 0 beyond `reach`): unlike a mean it follows a steady motion (degree 1) and its acceleration (degree 2).
    Where one side has too few frames for the degree, a lower one is taken.
    """
    offsets = np.asarray(offsets, np.float64)
    sides = min((offsets < 0).sum(), (offsets > 0).sum())
    degree = min(degree, len(offsets) - 1, 1 if sides < 2 else 2)
    nearness = np.sqrt(1 - (offsets / (reach + 1)) ** 2)
    powers = np.vander(offsets, degree + 1, increasing=True)
    return np.linalg.pinv(nearness[:, None] * powers)[0] * nearness
