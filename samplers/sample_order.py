"""In which order faces are used: each once before any again, or head directions equally often (facesets.md 3.3, 3.4).

The n-th face of the endless order is a pure function of the seed and n, so that a run goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

YAW_BINS = 128
WIDEST_YAW = 1.2  # radians, to either side


class Shuffled:
    """0..count-1 in a new order each epoch. `key`: numbers >= 0 that tell this order from others of the same run."""

    def __init__(self, count: int, key: tuple[int, ...]):
        self.count, self.key = count, key
        self.period = count  # this many in a row, begun anywhere, twice over hold every index
        self._epoch = lru_cache(maxsize=2)(self._shuffle)

    def __getitem__(self, n: int) -> int:
        return int(self._epoch(n // self.count)[n % self.count])

    def _shuffle(self, epoch: int) -> np.ndarray:
        return np.random.default_rng((*self.key, epoch)).permutation(self.count)


class UniformYaw:
    """Every head direction equally often: bins of yaw in shuffled order, and inside each bin its faces in shuffled order."""

    def __init__(self, yaws: Sequence[float], key: tuple[int, ...]):
        self._bins = yaw_bins(yaws)
        self._turns = Shuffled(len(self._bins), (*key, 0))
        self._inside = [Shuffled(len(faces), (*key, 1, number)) for number, faces in enumerate(self._bins)]
        self.period = len(self._bins) * max(map(len, self._bins))

    def __getitem__(self, n: int) -> int:
        number = self._turns[n]
        visit = n // len(self._bins)  # each bin comes once per round
        return int(self._bins[number][self._inside[number][visit]])


def yaw_bins(yaws: Sequence[float]) -> list[np.ndarray]:
    """The indexes of `yaws` (radians) by direction, from the nose at the right to the left; empty bins are left out."""
    edges = np.linspace(-WIDEST_YAW, WIDEST_YAW, YAW_BINS)
    numbers = np.clip(np.searchsorted(edges, -np.asarray(yaws), side="right") - 1, 0, YAW_BINS - 1)
    return [np.flatnonzero(numbers == number) for number in np.unique(numbers)]
