"""The colors of the faces of a set: how light and of which hue the skin is, and how much that varies."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from samplers.files.faces import Face
from samplers.geometry.masks import hull_mask


class FaceColors(NamedTuple):
    """CIE Lab of a set: L 0 (black) to 100 (white), a and b about -127..127, 0 is grey."""

    mean: tuple[float, float, float]
    darkest: float  # L of the face that 5 % of the faces are darker than
    lightest: float  # L of the face that 5 % are lighter than


def mean_lab(face: Face) -> np.ndarray:
    """(3,) mean L, a, b inside the outline of the face. Raises UnreadableImage."""
    mask = hull_mask(face.landmarks, face.shape)[..., 0] > 0
    pixels = face.read()[mask if mask.any() else ...]
    return cv2.cvtColor(np.float32(pixels.reshape(1, -1, 3)) / 255, cv2.COLOR_BGR2LAB).mean(axis=(0, 1))


def face_colors(labs: np.ndarray) -> FaceColors:
    """What (N, 3) means of faces say together."""
    darkest, lightest = np.percentile(labs[:, 0], [5, 95])
    return FaceColors(tuple(map(float, labs.mean(axis=0))), float(darkest), float(lightest))


def color_distance(one: FaceColors, other: FaceColors) -> float:
    """Distance of the means in Lab; 2 is just visible side by side, 10 plain."""
    return float(np.linalg.norm(np.subtract(one.mean, other.mean)))
