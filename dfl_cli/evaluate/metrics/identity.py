"""How much of the way from dst's identity to src's a swap goes, by SFace."""

from __future__ import annotations

import numpy as np

from dfl_cli.evaluate.metrics.score import Score, finite

LEAST_WAY = 0.05  # between real src and dst, in cosines; people who are more alike cannot be told apart


def identity_transfer(swap: np.ndarray, dst: np.ndarray, centroid_of: np.ndarray, real: np.ndarray) -> Score:
    """0 where a swap is as like src as dst is, 1 where it is as like src as real pictures of src at the same resolution are.

    swap, dst    (N, 128) of the same frames, length 1
    centroid_of  (M, 128) of src's faces whose mean is src
    real         (K, 128) of other faces of src

    Chance is an unswapped picture, 0: it does not depend on which frame a swap belongs to. The plain difference between the
    cosines to src and to dst does not always rise while a model learns; this does.
    """
    centroid = direction(centroid_of)
    start, arrival = (dst @ centroid).mean(), (real @ centroid).mean()
    way = arrival - start
    if not way >= LEAST_WAY:
        return Score(None, None, None, True, "", np.full(len(swap), np.nan))
    per_frame = ((swap - dst) @ centroid).astype(np.float64) / way
    return Score(finite(per_frame.mean()), 1.0, 0.0, True, "", per_frame)


def direction(vectors: np.ndarray) -> np.ndarray:
    """(128,) of length 1: the mean of vectors (M, 128)."""
    found = vectors.astype(np.float64).mean(axis=0)
    return found / max(np.linalg.norm(found), 1e-9)
