"""Whether the parts of the swap's face are where dst's are. The mean offset of each landmark is src's own shape, no error."""

from __future__ import annotations

import numpy as np

from dfl_cli.evaluate.metrics.score import Measured, Pair, Score, centered, mean_error, score

RIGHT_EYE, LEFT_EYE = slice(36, 42), slice(42, 48)


def landmark_error(pair: Pair, real: Pair) -> Score:
    """Mean distance in percent of the distance between the eyes. pair, real: (N, 68, 2) pixels."""
    return score(error, pair, real=real, higher_is_better=False, unit="%")


def error(shown: np.ndarray, truth: np.ndarray) -> Measured:
    return mean_error(100 * np.linalg.norm(centered(shown - truth), axis=2).mean(axis=1) / eye_distance(truth))


def eye_distance(landmarks: np.ndarray) -> float:
    """Pixels between the middles of the eyes, the median over the frames: aligned faces are all of a size.

    landmarks  (N, 68, 2)
    """
    found = np.linalg.norm(landmarks[:, RIGHT_EYE].mean(axis=1) - landmarks[:, LEFT_EYE].mean(axis=1), axis=1)
    return max(float(np.median(found)), 1e-6)
