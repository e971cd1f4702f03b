"""Whether the swap's face moves too late."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfl_cli.evaluate.metrics.expression import moving_in
from dfl_cli.evaluate.metrics.score import Pair, Score, correlation, mean

MOST = 3  # frames
FEWEST = 12  # pairs of frames that are compared
LEAST = 0.5  # correlation; two movements that are less alike have no lag


def lag(pair: Pair, neighbors: Sequence[bool]) -> Score:
    """In frames, positive where the swap trails; None where nothing moves or nothing follows dst.

    pair       (N, 52) blendshapes
    neighbors  see `temporal.pairs`
    """
    moving = moving_in(pair.truth)
    stretch = np.cumsum(~np.asarray(neighbors, bool))
    alike = {shift: likeness(pair, moving, stretch, shift) for shift in range(-MOST, MOST + 1)}
    alike = {shift: one for shift, one in alike.items() if np.isfinite(one)}
    best = max(alike, key=lambda shift: (alike[shift], -abs(shift)), default=None)
    value = float(best) if best is not None and alike[best] >= LEAST else None
    return Score(value, 0.0, None, False)


def likeness(pair: Pair, moving: np.ndarray, stretch: np.ndarray, shift: int) -> float:
    """The mean correlation of the `moving` blendshapes of dst with those that the swap has `shift` frames later."""
    then = np.arange(len(stretch))
    later = then + shift
    there = (later >= 0) & (later < len(stretch))
    then, later = then[there], later[there]
    same = stretch[then] == stretch[later]
    then, later = then[same], later[same]
    if len(then) < FEWEST:
        return float("nan")
    return mean([correlation(pair.shown[later, one], pair.truth[then, one], least=1e-3) for one in moving])
