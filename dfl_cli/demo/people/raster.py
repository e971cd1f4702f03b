"""Triangles to pixels: a z-buffer in NumPy for meshes whose triangles are a few pixels large."""

from typing import NamedTuple

import numpy as np


class Mesh(NamedTuple):
    """A grid surface. `points` and `normals` (V, 3) float32, `triangles` (T, 3) int32, `attributes` (V, A) float32.

    `coarse` are triangles over every other row and column: enough to throw a soft shadow.
    """

    points: np.ndarray
    normals: np.ndarray
    triangles: np.ndarray
    attributes: np.ndarray
    coarse: np.ndarray


class Hits(NamedTuple):
    """The nearest triangle at each covered pixel.

    pixels     (N,)    int64    row * width + column, ascending
    corners    (N, 3)  int32    vertex numbers
    weights    (N, 3)  float32  barycentric, sum 1
    depth      (N,)    float32  of the pixel; smaller is nearer
    """

    pixels: np.ndarray
    corners: np.ndarray
    weights: np.ndarray
    depth: np.ndarray

    def blend(self, values: np.ndarray) -> np.ndarray:
        """Vertex `values` (V, C) at the pixels: (N, C)."""
        total = values.take(self.corners[:, 0], axis=0) * self.weights[:, :1]
        total += values.take(self.corners[:, 1], axis=0) * self.weights[:, 1:2]
        total += values.take(self.corners[:, 2], axis=0) * self.weights[:, 2:]
        return total


_AT_ONCE = 40_000  # tests in one go: few enough that their numbers stay in the cache
_BOX_SIDES = (1, 2, 3, 4, 5, 6, 8, 11, 16, 24, 48, 4096)  # pixels; triangles of one size of box are tested together


def grid_triangles(rows: int, columns: int, step: int = 1) -> np.ndarray:
    """Two triangles for each cell of a rows x columns grid, (T, 3) int32; each cell spans `step` rows and columns."""
    index = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    index = index[np.r_[0 : rows - 1 : step, rows - 1]][:, np.r_[0 : columns - 1 : step, columns - 1]]
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    return np.concatenate([np.stack(t, axis=-1).reshape(-1, 3) for t in ((a, b, c), (b, d, c))])


def grid_normals(grid: np.ndarray, *, wrap: bool) -> np.ndarray:
    """Unit normals (R, C, 3) of a grid of points, on the side from which columns run right and rows run down."""
    if wrap:
        padded = np.concatenate([grid[:, -1:], grid, grid[:, :1]], axis=1)
        along = padded[:, 2:] - padded[:, :-2]
    else:
        along = np.gradient(grid, axis=1)
    down = np.gradient(grid, axis=0)
    return unit(np.cross(along, down))


def unit(vectors: np.ndarray) -> np.ndarray:
    """`vectors` (..., 3) at length 1; a zero vector stays zero."""
    length = np.sqrt(np.einsum("...c,...c->...", vectors, vectors))
    return vectors / np.maximum(length, 1e-9)[..., None]


def rasterize(screen: np.ndarray, depth: np.ndarray, triangles: np.ndarray, size: tuple[int, int]) -> Hits:
    """The visible front of a mesh.

    screen     (V, 2)  pixels, y down; a triangle that runs counter-clockwise on the screen is seen from behind and dropped
    depth      (V,)    distance from the camera
    size       (width, height)
    """
    width, height = size
    x, y = screen[:, 0].astype(np.float32), screen[:, 1].astype(np.float32)
    corner_x, corner_y = x[triangles.T], y[triangles.T]
    edge_x, edge_y = corner_x[1:] - corner_x[0], corner_y[1:] - corner_y[0]
    area = edge_x[0] * edge_y[1] - edge_x[1] * edge_y[0]
    front = np.flatnonzero(area > 1e-6)
    triangles, area, corner_x, corner_y = triangles[front], area[front], corner_x[:, front], corner_y[:, front]
    left, right = np.ceil(corner_x.min(0)).astype(np.int32), np.floor(corner_x.max(0)).astype(np.int32)
    top, bottom = np.ceil(corner_y.min(0)).astype(np.int32), np.floor(corner_y.max(0)).astype(np.int32)
    seen = (right >= left) & (bottom >= top) & (right >= 0) & (left < width) & (bottom >= 0) & (top < height)
    wide, high = (np.searchsorted(_BOX_SIDES, reach + 1) for reach in (right - left, bottom - top))
    batches = []
    for box in np.unique((wide * len(_BOX_SIDES) + high)[seen]):
        box_size = _BOX_SIDES[box // len(_BOX_SIDES)], _BOX_SIDES[box % len(_BOX_SIDES)]
        chosen = np.flatnonzero(seen & (wide * len(_BOX_SIDES) + high == box))
        for part in np.array_split(chosen, 1 + chosen.size * box_size[0] * box_size[1] // _AT_ONCE):
            batches.append(_cover(part, box_size, (left, top), (corner_x, corner_y, area), size))
    if not batches:
        return Hits(np.zeros(0, int), np.zeros((0, 3), np.int32), np.zeros((0, 3), np.float32), np.zeros(0, np.float32))
    faces, pixels, weights = (np.concatenate(part) for part in zip(*batches, strict=True))
    corners = triangles[faces]
    return _nearest(pixels, corners, weights, (weights * depth.astype(np.float32)[corners]).sum(axis=1), width * height)


def _cover(chosen, box, corner, shape, size):
    """Pixels inside the `chosen` triangles, each tested over a `box` (width, height): (triangle, pixel, weights)."""
    (left, top), (xs, ys, area), (width, height) = corner, shape, size
    px = left[chosen, None].astype(np.float32) + np.arange(box[0], dtype=np.float32)  # (n, box width)
    py = top[chosen, None].astype(np.float32) + np.arange(box[1], dtype=np.float32)
    (xa, xb, xc), (ya, yb, yc) = (v[chosen, None] for v in xs), (v[chosen, None] for v in ys)
    scale = 1 / area[chosen, None]
    off = (
        np.where((px < 0) | (px >= width), np.float32(np.inf), 0),
        np.where((py < 0) | (py >= height), np.float32(np.inf), 0),
    )
    # each weight is linear in the pixel, so it is a sum of one term per column and one per row
    wa = ((yb - yc) * (px - xc) * scale - off[0])[:, None, :] + ((xc - xb) * (py - yc) * scale - off[1])[:, :, None]
    wb = ((yc - ya) * (px - xa) * scale)[:, None, :] + ((xa - xc) * (py - ya) * scale)[:, :, None]
    flat = np.flatnonzero((wa >= 0) & (wb >= 0) & (wa + wb <= 1))
    number, spot = np.divmod(flat, box[0] * box[1])
    row, column = np.divmod(spot, box[0])
    wa, wb = wa.ravel()[flat], wb.ravel()[flat]
    number = chosen[number]
    pixels = (top[number] + row) * width + left[number] + column
    return number, pixels, np.stack([wa, wb, 1 - wa - wb], axis=1).astype(np.float32)


def _nearest(pixels, corners, weights, depth, count) -> Hits:
    """Of all hits on a pixel, the one with the smallest depth."""
    nearest = np.full(count, np.inf, np.float32)
    depth = depth.astype(np.float32)
    np.minimum.at(nearest, pixels, depth)
    winner = np.full(count, -1, np.int64)
    best = np.flatnonzero(depth <= nearest[pixels])
    winner[pixels[best]] = best
    kept = winner[winner >= 0]
    return Hits(pixels[kept], corners[kept], weights[kept], depth[kept])
