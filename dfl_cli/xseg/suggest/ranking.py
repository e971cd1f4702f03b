"""In which order faces are worth a label: what the network is unsure of, what looks new, what flickers; each unlike those before it. Pure.

score = uncertainty x novelty x flicker. Novelty, 0..1, is measured against the labeled faces and those chosen before; without a
network it is the whole score. The others go from a floor to 1, so that a sure network does not hide what it has never seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

POSE_SCALE = 12.0  # degrees of yaw and pitch together, at which a face counts as new as
PICTURE_SCALE = 0.3  # one that differs this much in its picture, see `look.py`
LARGE_FLICKER = 0.15  # 1 - IoU of two neighbors in time, the other moved to where the face is; a hand that comes into view makes as much
FLOOR = 0.2  # of uncertainty and flicker
LOW, HIGH = 10, 90  # percentiles of the uncertainty that count as 0 and 1: networks differ in how sure they are
LEAST_RANGE = 0.05  # of the uncertainty between them; a smaller one means little


class Looks(NamedTuple):
    """What faces look like; N faces."""

    directions: np.ndarray  # (N, 2) degrees, yaw and pitch
    pictures: np.ndarray  # (N, D) float32, see `look.py`


class Doubts(NamedTuple):
    """What a network makes of N faces; NaN where it is not known."""

    uncertainty: np.ndarray  # (N,) 0..1, of the edge of the mask
    flicker: np.ndarray  # (N,) 0..1, how much the mask differs from that of the neighbor in time that is most like it


class Suggestion(NamedTuple):
    index: int  # of the face
    score: float
    novelty: float  # 0..1, when it was chosen


def rank(
    looks: Looks, known: Sequence[int], candidates: Sequence[int], *, count: int, doubts: Doubts | None = None
) -> list[Suggestion]:
    """The `count` candidates that should be labeled next, the first one first.

    known   faces that have labels
    doubts  None without a network
    """
    left = np.array(sorted(candidates), int)
    weight = np.ones(len(left)) if doubts is None else weights(Doubts(*(values[left] for values in doubts)))
    nearest = np.full(len(left), np.inf)  # distance to the nearest known or chosen face
    for index in known:
        nearest = np.minimum(nearest, distance(looks, left, index))
    chosen = np.zeros(len(left), bool)
    found: list[Suggestion] = []
    while len(found) < min(count, len(left)):
        novelty = 1 - np.exp(-nearest)
        score = novelty * weight if found or len(known) else typical(looks, left) * weight
        best = int(np.argmax(np.where(chosen, -1, score)))
        found.append(Suggestion(int(left[best]), float(score[best]), float(novelty[best])))
        chosen[best] = True
        nearest = np.minimum(nearest, distance(looks, left, left[best]))
    return found


def weights(doubts: Doubts) -> np.ndarray:
    """(N,) FLOOR ** 2 .. 1; what is not known counts as the median of the others."""
    low, high = 0.0, 1.0
    if np.isfinite(doubts.uncertainty).any():
        low, high = np.nanpercentile(doubts.uncertainty, (LOW, HIGH))
    unsure = filled((doubts.uncertainty - low) / max(high - low, LEAST_RANGE))
    flicker = filled(doubts.flicker / LARGE_FLICKER)
    return np.prod([FLOOR + (1 - FLOOR) * np.clip(values, 0, 1) for values in (unsure, flicker)], axis=0)


def filled(values: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    return np.where(known, values, np.median(values[known]) if known.any() else 1.0)


def typical(looks: Looks, left: np.ndarray) -> np.ndarray:
    """(len(left),) 0..1: how near a face is to the middle of all. Where there is no label yet, such a one teaches most."""
    middle = Looks(np.median(looks.directions[left], axis=0), np.median(looks.pictures[left], axis=0))
    return np.exp(-apart(looks, left, *middle))


def distance(looks: Looks, left: np.ndarray, index: int) -> np.ndarray:
    """(len(left),) from the face `index`."""
    return apart(looks, left, looks.directions[index], looks.pictures[index])


def apart(looks: Looks, left: np.ndarray, direction: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """1 is as far as one scale. Roll does not count: faces are cut upright."""
    pose = np.hypot(*(looks.directions[left] - direction).T) / POSE_SCALE
    return pose + np.linalg.norm(looks.pictures[left] - picture, axis=1) / PICTURE_SCALE
