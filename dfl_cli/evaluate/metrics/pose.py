"""Whether the swap's head turns as dst's does. A constant offset, as of another person's nose, is not an error."""

from __future__ import annotations

import cv2
import numpy as np

from dfl_cli.evaluate.metrics.score import Measured, Pair, Score, centered, correlation, mean_error, score
from samplers.geometry.pose import estimate_pitch_yaw_roll

AXES = ("yaw", "pitch", "roll")
LEAST_TURN = 1.0  # degrees; the standard deviation of a dst that does not turn


def scores(pair: Pair, real: Pair) -> dict[str, Score]:
    """Error and correlation about each axis. pair, real: (N, 3) degrees as `angles` gives them."""
    found = {}
    for axis, name in enumerate(AXES):
        one, src = (Pair(both.shown[:, axis], both.truth[:, axis]) for both in (pair, real))
        found[f"{name}_error_degrees"] = score(error, one, real=src, higher_is_better=False, unit="degrees")
        found[f"{name}_correlation"] = score(moves_along, one, real=src, higher_is_better=True)
    return found


def error(shown: np.ndarray, truth: np.ndarray) -> Measured:
    """Mean distance in degrees after the mean offset is taken off; both (N,)."""
    return mean_error(np.abs(centered(shown - truth)))


def moves_along(shown: np.ndarray, truth: np.ndarray) -> Measured:
    return correlation(shown, truth, least=LEAST_TURN), None


def angles(landmarks: np.ndarray, side: int) -> np.ndarray:
    """(3,) degrees: yaw, positive to the right of the picture, pitch, positive up, and roll, clockwise.

    landmarks  (68, 2) pixels of a square picture of `side`

    Roll is the line between the eyes: that of the fitted head is often at its limit.
    """
    right, left = landmarks[36:42].mean(axis=0), landmarks[42:48].mean(axis=0)
    roll = np.arctan2(left[1] - right[1], left[0] - right[0])
    try:
        pose = estimate_pitch_yaw_roll(landmarks, side)
    except cv2.error:  # no head projects onto these; it counts as looking into the camera
        return np.degrees([0.0, 0.0, roll])
    return np.nan_to_num(np.degrees([-pose.yaw, pose.pitch, roll]))
