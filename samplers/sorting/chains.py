"""Orders in which neighbours are alike (or unlike), and how far each picture is from all others (facesets.md 6.1)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

CHUNK = 20_000  # pictures chained together by histogram; the time grows with the square
MOST_CHUNKS = 12  # of more pictures the chunks are wider
ROWS = 1024  # of the distance table held at once

Progress = Callable[[int], None]  # called with how many pictures were placed since the last call


def histogram_chain(histograms: np.ndarray, on_progress: Progress) -> list[int]:
    """Indexes of (N, C, 256) histograms, from the first to the nearest that is left, and so on, in chunks."""
    count = len(histograms)
    chunks = min(-(-count // CHUNK), MOST_CHUNKS)
    order: list[int] = []
    for part in np.array_split(np.arange(count), max(chunks, 1)):
        roots = _roots(histograms[part])
        order += [int(part[place]) for place in _chain(roots, _histogram_distances, farthest=False, tell=on_progress)]
    return order


def difference_chain(pictures: np.ndarray, on_progress: Progress, *, farthest: bool = False) -> list[int]:
    """Indexes of (N, L) pictures, from the first to the one with the smallest (or greatest) sum of differences."""
    return _chain(pictures, _absolute_differences, farthest=farthest, tell=on_progress)


def distance_to_others(histograms: np.ndarray) -> np.ndarray:
    """(N,): the sum of the Bhattacharyya distances of each of (N, C, 256) histograms to all others."""
    roots = _roots(histograms)
    sums = np.zeros(len(roots))
    for start in range(0, len(roots), ROWS):
        for channel in range(roots.shape[1]):
            likeness = roots[start : start + ROWS, channel] @ roots[:, channel].T
            sums[start : start + ROWS] += np.sqrt(np.maximum(1 - likeness, 0)).sum(axis=1, dtype=np.float64)
    return sums


def _chain(features: np.ndarray, distances: Callable, *, farthest: bool, tell: Progress) -> list[int]:
    if not len(features):
        return []
    left = np.ones(len(features), bool)
    order, last = [], 0
    for _ in range(len(features) - 1):
        left[last] = False
        order.append(last)
        away = distances(features, features[last])
        last = int(np.where(left, away, -np.inf).argmax() if farthest else np.where(left, away, np.inf).argmin())
        tell(1)
    tell(1)
    return [*order, last]


def _histogram_distances(roots: np.ndarray, one: np.ndarray) -> np.ndarray:
    """Bhattacharyya distance of every histogram to one, summed over the channels."""
    likeness = np.einsum("ncl,cl->nc", roots, one)
    return np.sqrt(np.maximum(1 - likeness, 0)).sum(axis=1)


def _absolute_differences(pictures: np.ndarray, one: np.ndarray) -> np.ndarray:
    return np.abs(pictures - one).sum(axis=1)


def _roots(histograms: np.ndarray) -> np.ndarray:
    """Square roots of shares: the product of two is the Bhattacharyya coefficient."""
    return np.sqrt(histograms / np.maximum(histograms.sum(axis=-1, keepdims=True), 1))
