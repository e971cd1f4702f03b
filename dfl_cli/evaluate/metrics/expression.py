"""Whether the swap's face moves as dst's does, by the blendshapes of MediaPipe's mesh."""

from __future__ import annotations

from functools import partial

import numpy as np

from dfl_cli.evaluate.metrics.score import Measured, Pair, Score, centered, correlation, mean, mean_error, score
from dfl_cli.face_networks.expression import names

LEAST_MOVE = 0.03  # standard deviation of a blendshape, 0..1, in dst; those that move less are noise
BLINK = ("eyeBlinkLeft", "eyeBlinkRight")


def scores(pair: Pair, real: Pair) -> dict[str, Score]:
    """pair, real: (N, 52) blendshapes, 0..1. Blinks are scored apart: they are rare and the first to be lost."""
    moving = moving_in(pair.truth)
    blink = Pair(*(blinking(values) for values in pair))
    return {
        "expression_correlation": score(
            partial(moves_along, moving=moving), pair, floor=moves_along(*real, moving=moving)[0], higher_is_better=True
        ),
        "expression_error": score(
            partial(error, moving=moving), pair, floor=error(*real, moving=moving)[0], higher_is_better=False
        ),
        "blink_correlation": score(
            blinks_along, blink, real=Pair(*(blinking(values) for values in real)), higher_is_better=True
        ),
    }


def moving_in(truth: np.ndarray) -> np.ndarray:
    """Numbers of the blendshapes that move in `truth` (N, 52), without those of blinks."""
    blinks = np.isin(names(), BLINK)
    return np.flatnonzero((truth.std(axis=0) >= LEAST_MOVE) & ~blinks)


def blinking(values: np.ndarray) -> np.ndarray:
    """(N,): how far both eyes are closed, 0..1."""
    return values[:, np.flatnonzero(np.isin(names(), BLINK))].mean(axis=1)


def moves_along(shown: np.ndarray, truth: np.ndarray, *, moving: np.ndarray) -> Measured:
    """The mean of the correlations of the `moving` blendshapes; both (N, 52)."""
    return mean([correlation(shown[:, one], truth[:, one], least=LEAST_MOVE) for one in moving]), None


def error(shown: np.ndarray, truth: np.ndarray, *, moving: np.ndarray) -> Measured:
    """Mean distance of the `moving` blendshapes after the mean offset is taken off."""
    if not len(moving):
        return float("nan"), np.full(len(truth), np.nan)
    return mean_error(np.abs(centered(shown - truth)[:, moving]).mean(axis=1))


def blinks_along(shown: np.ndarray, truth: np.ndarray) -> Measured:
    return correlation(shown, truth, least=LEAST_MOVE), None
