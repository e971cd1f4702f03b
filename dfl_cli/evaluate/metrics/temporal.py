"""Which frames of a selection follow one another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def pairs(neighbors: Sequence[bool]) -> np.ndarray:
    """(P, 2) numbers of frames that follow one another.

    neighbors  (N,): whether a frame directly follows the one before it in the selection; the first never does
    """
    later = np.flatnonzero(np.asarray(neighbors, bool))
    return np.stack([later - 1, later], axis=1)


def triples(neighbors: Sequence[bool]) -> np.ndarray:
    """(T, 3) numbers of frames that follow one another."""
    follows = np.asarray(neighbors, bool)
    middle = np.flatnonzero(follows[:-1] & follows[1:]) if len(follows) else np.empty(0, int)
    return np.stack([middle - 1, middle, middle + 1], axis=1)


def spread_out(values: np.ndarray, frames: np.ndarray, count: int) -> np.ndarray:
    """(count,): `values` at the numbers `frames`, nan elsewhere."""
    found = np.full(count, np.nan)
    found[frames] = values
    return found
