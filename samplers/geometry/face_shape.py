"""Proportions of a face, from the landmarks of the faces of a set that look ahead."""

from __future__ import annotations

import numpy as np

AHEAD = 15  # degrees of yaw and pitch within which proportions are seen undistorted
FEWEST = 5  # faces that look ahead; all are taken where there are fewer

# What is measured, and what it is a fraction of: distances between two landmarks.
PROPORTIONS: dict[str, tuple[tuple[int, int], tuple[int, int]]] = {
    "face_width": ((0, 16), (27, 8)),  # temple to temple / top of the nose to chin
    "jaw_width": ((4, 12), (0, 16)),
    "chin_height": ((57, 8), (27, 8)),  # lower lip to chin
    "nose_length": ((27, 33), (27, 8)),
    "nose_width": ((31, 35), (0, 16)),
    "mouth_width": ((48, 54), (0, 16)),
    "eye_distance": ((39, 42), (0, 16)),  # between the inner corners
}


def proportions(landmarks: np.ndarray, degrees: np.ndarray) -> dict[str, float]:
    """The median of each proportion over landmarks (N, 68, 2) of faces that look in `degrees` (N, 2), nearly ahead."""
    ahead = (np.abs(degrees) <= AHEAD).all(axis=1)
    points = landmarks[ahead] if ahead.sum() >= FEWEST else landmarks
    return {
        name: float(np.median(_distance(points, part) / np.maximum(_distance(points, whole), 1e-6)))
        for name, (part, whole) in PROPORTIONS.items()
    }


def _distance(points: np.ndarray, ends: tuple[int, int]) -> np.ndarray:
    return np.linalg.norm(points[:, ends[0]] - points[:, ends[1]], axis=1)
