"""How much the swap's face trembles beyond what dst's does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from dfl_cli.evaluate.metrics.score import Measured, Pair, Score, score
from dfl_cli.evaluate.metrics.temporal import spread_out, triples


def jitter(pair: Pair, eye_distance: float, neighbors: Sequence[bool]) -> Score:
    """In percent of the distance between the eyes.

    pair          (N, 478, 3) meshes in pixels
    eye_distance  pixels
    neighbors     see `temporal.pairs`
    """
    three = triples(neighbors)
    scaled = Pair(*(meshes / eye_distance for meshes in pair))
    return score(partial(trembling, three=three), scaled, floor=0.0, higher_is_better=False, unit="%")


def trembling(shown: np.ndarray, truth: np.ndarray, *, three: np.ndarray) -> Measured:
    """By how much the mean length of the mesh's second differences is larger than in `truth`."""
    if not len(three):
        return float("nan"), np.full(len(truth), np.nan)
    excess = 100 * (second_difference(shown, three) - second_difference(truth, three))
    return float(excess.mean()), spread_out(excess, three[:, 1], len(truth))


def second_difference(meshes: np.ndarray, three: np.ndarray) -> np.ndarray:
    """(T,): the mean over the points of how far each is from the middle between where it was and where it will be, twice."""
    before, now, after = (meshes[three[:, column]] for column in range(3))
    return np.linalg.norm(before - 2 * now + after, axis=2).mean(axis=1)
