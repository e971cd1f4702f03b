"""The levels of one picture with the frequencies of another's (facesets.md 4, merger.md 5.9)."""

from __future__ import annotations

import numpy as np

BRIGHTEST = 255


def histogram_match(image: np.ndarray, reference: np.ndarray, *, threshold: int = BRIGHTEST) -> np.ndarray:
    """`image` (H, W, C) with the distribution of levels of `reference`, for each of its first three channels.

    threshold  0..255; below 255 the brightest part of the reference stays unused
    """
    matched = image.copy()
    for channel in range(min(3, image.shape[2])):
        matched[..., channel] = _match(image[..., channel], reference[..., channel], threshold)
    return matched


def _match(levels: np.ndarray, lent: np.ndarray, threshold: int) -> np.ndarray:
    _, index, counts = np.unique(levels.ravel(), return_inverse=True, return_counts=True)
    lent_values, lent_counts = np.unique(lent.ravel(), return_counts=True)
    matched = np.interp(_shares(counts, threshold), _shares(lent_counts, BRIGHTEST), lent_values)
    return matched[index].reshape(levels.shape)


def _shares(counts: np.ndarray, most: int) -> np.ndarray:
    sums = counts.cumsum()
    return most * sums / sums[-1]
