"""Pictures through a function that takes one size only: padded if smaller, in overlapping tiles if larger (merger.md 6.5)."""

from collections.abc import Callable

import numpy as np


def by_tiles(pictures, work: Callable[[np.ndarray], np.ndarray], *, side: int, scale: int):
    """`work` on pictures (B, h, w, 3) of any size -> (B, h * scale, w * scale, 3).

    work  (B, side, side, 3) -> (B, side * scale, side * scale, 3)
    """
    height, width = pictures.shape[1:3]
    up, left = max(0, side - height) // 2, max(0, side - width) // 2
    down, right = max(0, side - height) - up, max(0, side - width) - left
    padded = np.pad(pictures, ((0, 0), (up, down), (left, right), (0, 0)), mode="edge")
    whole = tiled(padded, work, side=side, scale=scale)
    return whole[:, up * scale : (up + height) * scale, left * scale : (left + width) * scale]


def tiled(pictures, work: Callable[[np.ndarray], np.ndarray], *, side: int, scale: int):
    """As `by_tiles`, for pictures at least as large as a tile; where tiles overlap they fade into each other."""
    count, height, width = pictures.shape[:3]
    total = np.zeros((count, height * scale, width * scale, 3), np.float32)
    weights = np.zeros((height * scale, width * scale, 1), np.float32)
    weight = pyramid(side * scale)
    for top in starts(height, side):
        for left in starts(width, side):
            done = work(pictures[:, top : top + side, left : left + side])
            area = np.s_[top * scale : (top + side) * scale, left * scale : (left + side) * scale]
            total[(slice(None), *area)] += done * weight
            weights[area] += weight
    return total / weights


def starts(length: int, side: int) -> list[int]:
    """Where tiles begin along `length` pixels: half a tile apart, the last one flush with the end."""
    return [*range(0, length - side, max(1, side // 2)), length - side]


def pyramid(side: int):
    """(side, side, 1) float32, above 0: highest in the middle, falling to the edges in both directions."""
    slope = np.minimum(np.arange(1, side + 1), np.arange(side, 0, -1)).astype(np.float32)
    return np.outer(slope, slope)[..., None] / slope.max() ** 2
