"""How much the swap's color changes from frame to frame beyond what dst's does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from dfl_cli.evaluate.metrics.score import Measured, Pair, Score, score
from dfl_cli.evaluate.metrics.temporal import pairs, spread_out

LEVELS = 255


def flicker(pair: Pair, neighbors: Sequence[bool]) -> Score:
    """In levels of 0..255. pair: (N, 3) mean colors in the mask, 0..1; neighbors: see `temporal.pairs`."""
    two = pairs(neighbors)
    known = np.isfinite(pair.shown).all(axis=1) & np.isfinite(pair.truth).all(axis=1)
    two = two[known[two].all(axis=1)]
    return score(partial(changing, two=two), pair, floor=0.0, higher_is_better=False)


def changing(shown: np.ndarray, truth: np.ndarray, *, two: np.ndarray) -> Measured:
    """By how much the root mean square of the changes is larger than in `truth`."""
    if not len(two):
        return float("nan"), np.full(len(truth), np.nan)
    ours, theirs = (LEVELS * change(colors, two) for colors in (shown, truth))
    value = np.sqrt(np.nanmean(ours**2)) - np.sqrt(np.nanmean(theirs**2))
    return float(value), spread_out(ours - theirs, two[:, 1], len(truth))


def change(colors: np.ndarray, two: np.ndarray) -> np.ndarray:
    """(P,): root mean square over the channels."""
    return np.sqrt(((colors[two[:, 1]] - colors[two[:, 0]]) ** 2).mean(axis=1))


def mean_color(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(3,) of a picture (H, W, 3) where the mask (H, W, 1) 0..1 is set; nan where it is empty."""
    total = float(mask.sum())
    return (picture * mask).sum(axis=(0, 1)) / total if total > 0 else np.full(3, np.nan)
