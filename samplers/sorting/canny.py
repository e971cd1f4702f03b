"""Edges of a grey picture as scikit-image's `canny` finds them (facesets.md 6.2), without scikit-image.

J. Canny, A Computational Approach to Edge Detection, 1986. Pictures: (H, W) float64 grey levels 0..255.
"""

from __future__ import annotations

import cv2
import numpy as np

RADIUS = 4  # of the Gaussian with deviation 1, pixels
EPSILON = np.finfo(np.float64).eps


def canny(grey: np.ndarray, *, low: float = 0.1, high: float = 0.2) -> np.ndarray:
    """(H, W) bool: thin lines whose gradient is at least `low` all along and at least `high` somewhere.

    low, high  grey levels of the 0..255 scale, as length of the Sobel gradient
    """
    smooth = _smoothed(grey)
    down = cv2.Sobel(smooth, cv2.CV_64F, 0, 1, borderType=cv2.BORDER_REFLECT)
    right = cv2.Sobel(smooth, cv2.CV_64F, 1, 0, borderType=cv2.BORDER_REFLECT)
    length = np.hypot(down, right)
    ridges = _ridges(down, right, length)
    return _connected(ridges & (length >= low), ridges & (length >= high))


def _smoothed(grey: np.ndarray) -> np.ndarray:
    """Gaussian of deviation 1; nothing outside the picture counts."""
    weights = np.exp(-0.5 * np.arange(-RADIUS, RADIUS + 1) ** 2)
    weights /= weights.sum()
    sums, counts = (
        cv2.sepFilter2D(each, cv2.CV_64F, weights, weights, borderType=cv2.BORDER_CONSTANT)
        for each in (grey, np.ones_like(grey))
    )
    return sums / (counts + EPSILON)


def _ridges(down: np.ndarray, right: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Pixels at least as steep as the two places one step along and against the gradient; never the outermost ones."""
    inner = (slice(1, -1), slice(1, -1))
    ridges = np.zeros(length.shape, bool)
    if min(length.shape) < 3:
        return ridges
    along, across = np.abs(down[inner]), np.abs(right[inner])
    steep = along >= across  # the gradient is nearer to a column than to a row
    same = down[inner] * right[inner] >= 0  # it points down right or up left
    share = np.divide(
        np.minimum(along, across), np.maximum(along, across), where=length[inner] > 0, out=np.zeros_like(along)
    )
    highest = np.maximum(
        _between(length, share, steep=steep, same=same, sign=1),
        _between(length, share, steep=steep, same=same, sign=-1),
    )
    ridges[inner] = (length[inner] > 0) & (highest <= length[inner])
    return ridges


def _between(length, share, *, steep, same, sign: int) -> np.ndarray:
    """Lengths one step along the gradient (`sign` -1: against it), interpolated between straight and diagonal neighbour."""
    straight = np.where(steep, _moved(length, sign, 0), _moved(length, 0, sign))
    # where the slopes differ in sign the diagonal goes up right; a steep one is reached upwards, a flat one to the right
    falling = _moved(length, sign, sign)
    rising = np.where(steep, _moved(length, sign, -sign), _moved(length, -sign, sign))
    return np.where(same, falling, rising) * share + straight * (1 - share)


def _moved(length: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """For each inner pixel its neighbour `rows` below and `columns` to the right."""
    height, width = length.shape
    return length[1 + rows : height - 1 + rows, 1 + columns : width - 1 + columns]


def _connected(weak: np.ndarray, strong: np.ndarray) -> np.ndarray:
    """The weak pixels that touch, directly or through others, a strong one."""
    count, labels = cv2.connectedComponents(weak.astype(np.uint8), connectivity=8)
    kept = np.zeros(count, bool)
    kept[labels[strong]] = True
    kept[0] = False  # what is no line
    return kept[labels]
