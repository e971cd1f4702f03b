"""Moving a face at random: turn, scale, shift and mirror (affine), and bending it on a grid (facesets.md 3.7, 3.8).

Drawing is apart from applying, so that picture and masks share one draw. The draws repeat the reference's: two
`RandomState`s that start from the same seed, one for the affine part and one for the grid.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from samplers.scratch import Scratch

SMALLEST = 64  # pixels; smaller pictures are enlarged to this before they are moved, and shrunk after


class RandomAffine(NamedTuple):
    matrix: np.ndarray  # (2, 3) float64, in pixels of the working side
    flip: bool  # mirror left and right, after the matrix


class Ranges(NamedTuple):
    """How far it may move; each is (lowest, highest)."""

    rotation: tuple[float, float]  # degrees
    scale: tuple[float, float]  # (-0.15, 0.15) is 1/1.15 to 1.15 times
    shift: tuple[float, float]  # fraction of the side, each way on its own


def working_side(side: int) -> int:
    """The side, in pixels, at which a picture of `side` pixels is moved."""
    return max(side, SMALLEST)


def draw_affine(rng: np.random.RandomState, side: int, ranges: Ranges, *, may_flip: bool) -> RandomAffine:
    """A movement of pictures of `side` pixels; where flips may happen, four in ten do."""
    width = working_side(side)
    low_scale, high_scale = ranges.scale
    rotation = rng.uniform(*ranges.rotation)
    scale = rng.uniform(1 / (1 - low_scale), 1 + high_scale)
    shift_x, shift_y = rng.uniform(*ranges.shift), rng.uniform(*ranges.shift)
    flip = may_flip and rng.randint(10) < 4
    matrix = cv2.getRotationMatrix2D((width // 2, width // 2), rotation, scale)
    matrix[:, 2] += shift_x * width, shift_y * width
    return RandomAffine(matrix, bool(flip))


def draw_grid(rng: np.random.RandomState, side: int, scratch: Scratch) -> tuple[np.ndarray, np.ndarray]:
    """Maps of x and y, float32 (side, side) at the working side: where each pixel of the bent picture comes from.

    The y map is the x map turned over its diagonal, and without noise both lie half a pixel off: what the reference
    does, and what models trained with it have seen.
    """
    width = working_side(side)
    cell = (width // 2, width // 4, width // 8)[rng.randint(3)]
    points = width // cell + 1
    inner = points - 2
    noise = _truncated_normal(rng, 2 * inner * inner).reshape(2, inner, inner) * np.float32(cell * 0.24)
    grid = np.tile(np.linspace(0, width, points), (points, 1))
    grid[1:-1, 1:-1] += noise[0]
    grid[1:-1, 1:-1] += noise[1].T
    half, large = cell // 2, width + cell
    smooth = cv2.resize(grid, (large, large), dst=scratch("grid", (large, large), np.float64))
    map_x = smooth[half:-half, half:-half].astype(np.float32)
    return map_x, cv2.transpose(map_x)


def centered(grid: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """`grid` without the half pixel by which it lies off: one without noise then leaves a picture as it is."""
    return grid[0] - np.float32(0.5), grid[1] - np.float32(0.5)


class Sampling(NamedTuple):
    """How pixels are found between others and beyond the edge, as OpenCV's constants."""

    interpolation: int
    border: int  # when a picture is moved
    grid_border: int = cv2.BORDER_CONSTANT  # when it is bent; the reference takes black from outside


def apply_warp(
    image: np.ndarray,
    affine: RandomAffine | None,
    grid=None,
    *,
    flip: bool,
    sampling: Sampling,
    scratch: Scratch,
    out: np.ndarray,
) -> None:
    """`image` (W, W, C) bent by `grid`, moved by `affine` (either may be None), mirrored if `flip`, into `out`."""
    side, channels = image.shape[0], image.shape[2]
    width = working_side(side)
    shape, size = (width, width, channels), (width, width)
    interpolation = sampling.interpolation
    resized = width != side and not (affine is None and grid is None)
    if resized:
        image = cv2.resize(image, size, interpolation=interpolation)
    if grid is not None:
        bent = scratch("bent", shape)
        image = cv2.remap(image, *grid, interpolation, dst=bent, borderMode=sampling.grid_border)
    if affine is not None:
        moved = scratch("moved", shape) if resized or flip else out
        image = cv2.warpAffine(image, affine.matrix, size, dst=moved, flags=interpolation, borderMode=sampling.border)
    if resized:
        image = cv2.resize(image, (side, side), interpolation=interpolation)
    if flip:
        image = cv2.flip(image, 1, dst=out)
    if not np.may_share_memory(image, out):
        out[:] = image.reshape(out.shape)


def _truncated_normal(rng: np.random.RandomState, count: int) -> np.ndarray:
    """(count,) float32 in -1..1: normal draws beyond 2.5 are drawn again. Draws no more than it uses."""
    kept = np.empty(0)
    while len(kept) < count:
        drawn = rng.normal(size=count - len(kept))  # 1.2 % are thrown away
        kept = np.concatenate([kept, drawn[np.abs(drawn) <= 2.5]])
    return (kept / 2.5).astype(np.float32)
