"""Samples of the frames, drawn again and again, from which the spread of a score is estimated (the bootstrap).

Frames that follow one another are alike: those of one blink are one observation, not many. So blocks of frames are drawn, not single
ones. They begin anywhere, and what follows the last frame is the first (Politis and Romano 1992, the circular block bootstrap), so
that every frame is drawn equally often.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

BLOCK = 10  # frames that are drawn together
SHORTEST, FEWEST = 5, 6  # frames of a block, and blocks, with less of which the spread cannot be estimated
DRAWS = 1000
SEED = 0
CONFIDENCE = 0.95


class Samples(NamedTuple):
    """D samples of N frames and of K faces.

    frames     (D, N) numbers of scored frames of dst, some more than once
    src_faces  (D, K) the same of the self-reconstructed faces of src
    """

    frames: np.ndarray
    src_faces: np.ndarray


def samples(count: int, src_count: int) -> Samples | None:
    """`DRAWS` samples, the same at each call, of `count` frames and `src_count` faces of src; None where there are too few.

    The faces of src lie far apart: each is drawn on its own.
    """
    length = min(BLOCK, count // FEWEST)
    if length < SHORTEST:
        return None
    rng = np.random.default_rng(SEED)
    starts = rng.integers(count, size=(DRAWS, -(-count // length), 1))
    frames = ((starts + np.arange(length)) % count).reshape(DRAWS, -1)
    return Samples(frames[:, :count], rng.integers(src_count, size=(DRAWS, src_count)))


def interval(values: np.ndarray) -> tuple[float, float] | None:
    """The limits between which `CONFIDENCE` of the finite `values` lie; None where fewer than half are finite."""
    known = values[np.isfinite(values)]
    if not len(known) or 2 * len(known) < len(values):
        return None
    outside = (1 - CONFIDENCE) / 2
    low, high = np.quantile(known, (outside, 1 - outside))
    return float(low), float(high)
