"""The best faces of a set, spread over the head directions (facesets.md 6.1, "final")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from samplers.sample_order import WIDEST_YAW, YAW_BINS
from samplers.sorting.chains import distance_to_others

SPARE = 10  # times as many as are wanted of a direction are compared by their histograms


class Candidates(NamedTuple):
    """What is known of N faces; angles in radians."""

    sharpness: np.ndarray  # (N,) greater is better
    histograms: np.ndarray  # (N, 1, 256)
    yaw: np.ndarray  # (N,)
    pitch: np.ndarray  # (N,)


def best_faces(faces: Candidates, target: int) -> list[int]:
    """Indexes of about `target` faces in the order of choice: by direction, of each the sharp ones that differ most."""
    directions = _binned(-faces.yaw, WIDEST_YAW, YAW_BINS)
    wanted = max(1, round(target / YAW_BINS))
    lack = sum(max(wanted - len(direction), 0) for direction in directions)
    wanted += lack // YAW_BINS
    chosen: list[int] = []
    for direction in directions:
        sharpest = direction[np.argsort(-faces.sharpness[direction], kind="stable")][: wanted * SPARE]
        chosen += _in_turn(_by_pitch(faces, sharpest, wanted), wanted)
    return chosen


def _by_pitch(faces: Candidates, indexes: np.ndarray, count: int) -> list[list[int]]:
    """The faces of one yaw by pitch, `count` bins; in each first those whose histogram differs most from the others'."""
    bins = [indexes[places] for places in _binned(faces.pitch[indexes], np.pi / 2, count)]
    return [
        [int(index) for index in each[np.argsort(-distance_to_others(faces.histograms[each]), kind="stable")]]
        for each in bins
    ]


def _in_turn(bins: Sequence[list[int]], count: int) -> list[int]:
    """The first of each bin, then the second of each, until there are `count`."""
    rounds = max(map(len, bins), default=0)
    taken = [each[turn] for turn in range(rounds) for each in bins if turn < len(each)]
    return taken[:count]


def _binned(values: np.ndarray, widest: float, count: int) -> list[np.ndarray]:
    """Places in `values` by bin, between `count` points from -widest to widest; empty bins stay."""
    edges = np.linspace(-widest, widest, count)
    numbers = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, count - 1)
    return [np.flatnonzero(numbers == number) for number in range(count)]
