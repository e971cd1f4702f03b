"""A number of an evaluation, with what it can be at best and what it is by chance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

SHUFFLES = 4  # over which chance is averaged
SEED = 0
FEWEST = 3  # frames; with fewer, hardly anything is left after their mean is taken off

Measured = tuple[float, np.ndarray | None]  # the value, and one for each frame (N,) where that makes sense


class Score(NamedTuple):
    """value   None where it cannot be measured, as a correlation with what does not move
    floor   what real pictures of src get at the same resolution, or where there are none, a perfect copy of dst; None: unknown
    chance  what the swaps of other frames get; None: does not depend on the frame
    """

    value: float | None
    floor: float | None
    chance: float | None
    higher_is_better: bool
    unit: str = ""  # px, degrees, dB, %: of the eye distance; empty: a ratio or a correlation
    per_frame: np.ndarray | None = None  # (N,) float64, nan where a frame has none


class Pair(NamedTuple):
    """What is compared, frame by frame."""

    shown: Any  # (N, ...) of the swap
    truth: Any  # (N, ...) of dst


def score(
    measure: Callable[[Any, Any], Measured],
    pair: Pair,
    *,
    real: Pair | None = None,
    floor: float | None = None,
    higher_is_better: bool,
    unit: str = "",
) -> Score:
    """The score of `pair` by `measure`.

    real   the same of real faces of src, for the floor: seen at the network's resolution, and in full size
    floor  the floor where it is known
    """
    value, per_frame = measure(*pair)
    if real is not None:
        floor = measure(*real)[0]
    chance = mean([measure(pair.shown[order], pair.truth)[0] for order in shuffles(len(pair.truth))])
    return Score(finite(value), finite(floor), finite(chance), higher_is_better, unit, per_frame)


def shuffles(count: int) -> list[np.ndarray]:
    """Orders (count,) of frames, the same at each call, in which no frame is where it was; none for fewer than two."""
    if count < 2:
        return []
    rng = np.random.default_rng(SEED)
    orders = []
    for _ in range(SHUFFLES):
        ring = rng.permutation(count)
        order = np.empty(count, int)
        order[ring] = np.roll(ring, 1)
        orders.append(order)
    return orders


def mean(values) -> float:
    """Of those that are finite; nan where none is."""
    values = np.asarray([np.nan if value is None else value for value in values], np.float64)
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else float("nan")


def finite(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)


def centered(values: np.ndarray) -> np.ndarray:
    """`values` (N, ...) less their mean over the frames."""
    return values - values.mean(axis=0, keepdims=True)


def mean_error(per_frame: np.ndarray) -> Measured:
    """Of errors (N,) from which the mean offset was taken off; nan where there are too few frames to know that."""
    if len(per_frame) < FEWEST:
        return float("nan"), np.full(len(per_frame), np.nan)
    return float(per_frame.mean()), per_frame


def correlation(one: np.ndarray, other: np.ndarray, *, least: float) -> float:
    """Of two sequences (N,); nan where `other`, the truth, moves by a standard deviation below `least`, 0 where `one` stays."""
    return float(correlations(one, other, least=least))


def correlations(one: np.ndarray, other: np.ndarray, *, least: float) -> np.ndarray:
    """(...): as `correlation`, of each of many pairs of sequences (..., N)."""
    one, other = (np.asarray(some, np.float64) for some in (one, other))
    if other.shape[-1] < FEWEST:
        return np.full(other.shape[:-1], np.nan)
    one, other = (some - some.mean(axis=-1, keepdims=True) for some in (one, other))
    spread_one, spread_other = one.std(axis=-1), other.std(axis=-1)
    stays = spread_one < 1e-9
    found = (one * other).mean(axis=-1) / (np.where(stays, 1, spread_one) * np.maximum(spread_other, least))
    return np.where(spread_other < least, np.nan, np.where(stays, 0, found))
