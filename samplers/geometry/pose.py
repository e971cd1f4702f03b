"""Which way a face looks: pitch, yaw, roll from its landmarks (facesets.md 2.8)."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np

from samplers.geometry.landmarks import checked, head_model


class HeadPose(NamedTuple):
    """Radians, each within half a turn to either side of the front: -pi/2..pi/2."""

    pitch: float  # positive looks up
    yaw: float  # positive has the nose toward the left side of the picture
    roll: float  # often at its limit; do not build on it


def estimate_pitch_yaw_roll(landmarks, size: int = 256) -> HeadPose:
    """The pose of the mean head that projects onto these landmarks; `size` is the width of their picture in pixels."""
    index, model = head_model()
    camera = np.float32([[size, 0, size / 2], [0, size, size / 2], [0, 0, 1]])
    points = checked(landmarks)[index].astype(np.float32)
    _, rotation, _ = cv2.solvePnP(model, points, camera, np.zeros((4, 1)))
    return _angles(cv2.Rodrigues(rotation)[0])


def averaged_yaw(landmarks) -> float:
    """How much nearer the nose is to the left outline than to the right, in the unit of the points."""
    x = checked(landmarks)[:, 0]
    left = ((x[27] - x[0]) + (x[28] - x[1]) + (x[29] - x[2])) / 3.0
    right = ((x[16] - x[27]) + (x[15] - x[28]) + (x[14] - x[29])) / 3.0
    return float(right - left)


def _angles(rotation: np.ndarray) -> HeadPose:
    """Euler angles of a (3, 3) rotation, in our signs."""
    forward = math.sqrt(rotation[0, 0] ** 2 + rotation[1, 0] ** 2)
    y = math.atan2(-rotation[2, 0], forward)
    if forward >= 1e-6:
        x, z = math.atan2(rotation[2, 1], rotation[2, 2]), math.atan2(rotation[1, 0], rotation[0, 0])
    else:  # looking straight along an axis: roll and pitch are one
        x, z = math.atan2(-rotation[1, 2], rotation[1, 1]), 0.0
    pitch, yaw, roll = np.clip([x, y, z], -np.pi / 2, np.pi / 2)
    return HeadPose(-float(pitch), float(yaw), float(roll))
