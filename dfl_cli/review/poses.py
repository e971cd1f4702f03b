"""Which way many faces look. Their landmarks are aligned all at once; OpenCV fits the heads in threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from samplers.geometry.face_types import FaceType
from samplers.geometry.landmarks import mean_face
from samplers.geometry.pose import estimate_pitch_yaw_roll

POSE_SIDE = 256  # pixels of the square in which the pose is estimated
CHUNK = 500  # faces between two reports
ZOOM = 1 + 2 * np.sqrt(2) * FaceType.FULL.padding  # how much wider a full face is than the square of the mean face


def yaws_and_pitches(landmarks: np.ndarray, on_done: Callable[[int], None] = lambda count: None) -> np.ndarray:
    """(N, 2) degrees, of landmarks (N, 68, 2) in their frames; nan where they are no face. on_done: hears how many more are done."""
    squares = full_squares(np.asarray(landmarks, np.float64))
    found = np.full((len(squares), 2), np.nan)

    def fit(start: int) -> int:
        for number in range(start, min(start + CHUNK, len(squares))):
            if np.isfinite(squares[number]).all():
                pose = estimate_pitch_yaw_roll(squares[number], POSE_SIDE)
                found[number] = np.degrees((pose.yaw, pose.pitch))
        return min(CHUNK, len(squares) - start)

    with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="pose") as pool:
        for count in pool.map(fit, range(0, len(squares), CHUNK)):
            on_done(count)
    return found


def full_squares(landmarks: np.ndarray) -> np.ndarray:
    """(N, 68, 2): `landmarks` in pixels of their crops as full faces, as by `transform_matrix`; nan where they lie in one place."""
    index, mean = mean_face()
    points = landmarks[:, index]
    center, goal = points.mean(axis=1, keepdims=True), np.float64(mean) - mean.mean(axis=0)
    spread = ((points - center) ** 2).sum(axis=(1, 2))
    # With complex numbers, a turn and a scale are one factor, and the least squares fit is a division.
    own, wanted, every = (
        values[..., 0] + 1j * values[..., 1] for values in (points - center, goal[None], landmarks - center)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = (own.conj() * wanted).sum(axis=1) / spread
        moved = every * factors[:, None]
    square = np.stack([moved.real, moved.imag], axis=2) + mean.mean(axis=0)
    return ((square - 0.5) / ZOOM + 0.5) * POSE_SIDE
