"""What a face looks like to `ranking.py`: where it looks, and a small picture of it."""

from __future__ import annotations

import cv2
import numpy as np

from samplers.files.face import Face
from samplers.geometry.pose import estimate_pitch_yaw_roll

SIDE = 16  # pixels of the small picture
VALUES = SIDE * SIDE * 3


def direction(face: Face) -> tuple[float, float]:
    """(yaw, pitch) degrees as a person reads them: yaw negative to the left of the picture, pitch positive up; 0 where it has none."""
    try:
        pose = np.degrees(estimate_pitch_yaw_roll(face.landmarks, face.shape[1]))
    except cv2.error:
        return 0.0, 0.0
    return (-float(pose[1]), float(pose[0])) if np.isfinite(pose).all() else (0.0, 0.0)


def small_picture(picture: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 -> (SIDE, SIDE, 3) uint8."""
    return cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def comparable(small: np.ndarray) -> np.ndarray:
    """(N, SIDE, SIDE, 3) uint8 -> (N, VALUES) float32, whose distance is the difference of the faces: 0 the same, .3 usual, 1.4 the most.

    Brightness and contrast do not count, nor does what is outside of an ellipse around the face.
    """
    weight = ellipse() / ellipse().sum()
    pictures = small.astype(np.float32) / 255
    pictures -= (pictures * weight).sum(axis=(1, 2), keepdims=True)
    spread = np.sqrt((np.square(pictures) * weight).sum(axis=(1, 2, 3), keepdims=True))
    return (pictures / np.maximum(spread, 1e-3) * np.sqrt(weight)).reshape(len(small), VALUES)


def ellipse() -> np.ndarray:
    """(SIDE, SIDE, 1) 1 where a face of the type whole_face usually is."""
    y, x = (np.mgrid[:SIDE, :SIDE] + 0.5) / SIDE - 0.5
    return np.float32((x / 0.38) ** 2 + (y / 0.45) ** 2 <= 1)[..., None]
