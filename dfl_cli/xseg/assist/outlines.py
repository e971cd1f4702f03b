"""Masks as polygons of few points that a person can edit.

DeepFaceLab fills all including polygons first and cuts all excluding ones out afterwards (samplers.geometry.polygons), so a hole is
an excluding polygon, and what lies inside a hole must be left out of that polygon by a slit.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from samplers.geometry.polygons import Polygon, PolygonType

GOOD = (
    0.985  # IoU of the polygons with the mask where no tolerance is given; a hand-drawn outline reaches about as much
)
SPECK = 1 / 1000  # of the picture: smaller parts and holes are dropped
COARSEST = 1 / 16  # of the larger side of a part: the first tolerance that is tried
FINER = 0.75  # from one tolerance to the next
FINEST = 0.5  # pixels
ROUNDS = 3  # of moving edges
BLOCK = 256  # points whose distances are computed at once
LENIENT = 3  # times the error that a large outline may have, for a small one: its pixels show anyway


class Outline(NamedTuple):
    """The outer border of a part of a mask, and the borders of its holes; each (N, 2) int32 pixels that belong to what it encloses."""

    border: np.ndarray
    holes: list[np.ndarray]


def polygons_of_mask(
    mask: np.ndarray,
    tolerance: float | None = None,
    *,
    shape: tuple[int, int] | None = None,
    smallest: float = SPECK,
    good: float = GOOD,
) -> list[Polygon]:
    """`mask` (H, W[, 1]) 0..1, inside from 0.5 on, as including polygons around its parts and excluding ones around their holes.

    tolerance  how far an outline may be from the mask's, in pixels; None: as far as the IoU with the mask stays `good`
    shape      (height, width) of the picture that the polygons are for, if it is not that of the mask
    smallest   share of the picture below which parts and holes are dropped
    """
    found = outlines(_cleaned(mask, shape, smallest))
    borders = [border for outline in found for border in (outline.border, *outline.holes)]
    kinds = [PolygonType(place == 0) for outline in found for place in range(1 + len(outline.holes))]
    errors = allowed_errors(borders, kinds, good)
    size = shape or np.shape(mask)[:2]
    return [
        Polygon(kind, within(simplified(border, error, tolerance), size))
        for kind, border, error in zip(kinds, borders, errors, strict=True)
    ]


def excluding_polygons(mask: np.ndarray, *, smallest: float = SPECK, good: float = GOOD) -> list[Polygon]:
    """`mask` (H, W[, 1]) as excluding polygons alone: a hole in it is left out by a slit."""
    found = outlines(_cleaned(mask, None, smallest), holes_inside=False)
    joined = [with_slits(outline.border, outline.holes) for outline in found]
    errors = [(1 - good) * max(_area(border), 1) for border in joined]
    drawn = [simplified(border, error) for border, error in zip(joined, errors, strict=True)]
    return [Polygon(PolygonType.EXCLUDE, within(points, np.shape(mask)[:2])) for points in drawn]


def allowed_errors(borders: list[np.ndarray], kinds: list[PolygonType], good: float) -> list[float]:
    """Pixels that each outline may be wrong by: its share, by length, of what the whole mask may be; small ones get a little more."""
    areas = np.array([_area(border) for border in borders])
    lengths = np.array([max(len(border), 1) for border in borders], np.float64)
    signs = np.where(np.array(kinds) == PolygonType.INCLUDE, 1, -1)
    shares = (1 - good) * max((areas * signs).sum(), 1) * lengths / max(lengths.sum(), 1)
    return np.clip(shares, (1 - good) * areas, LENIENT * (1 - good) * areas).tolist()


def outlines(inside: np.ndarray, *, holes_inside: bool = True) -> list[Outline]:
    """The parts of `inside` (H, W) uint8 0/1, the largest first.

    holes_inside  whether the border of a hole is of pixels of the hole, so that it can be cut out, instead of those around it
    """
    found = []
    count, parts = cv2.connectedComponents(inside, connectivity=8)
    for number in range(1, count):
        part = np.uint8(parts == number)
        borders, levels = cv2.findContours(part, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        outer = next(border for border, level in zip(borders, levels[0], strict=True) if level[3] < 0)
        inner = [border for border, level in zip(borders, levels[0], strict=True) if level[3] >= 0]
        holes = _holes(part, inside) if holes_inside else [border.reshape(-1, 2) for border in inner]
        found.append(Outline(outer.reshape(-1, 2), holes))
    return sorted(found, key=lambda each: -cv2.contourArea(each.border))


def _holes(part: np.ndarray, inside: np.ndarray) -> list[np.ndarray]:
    """The borders of what `part` encloses without being it; other parts that lie in a hole are left out of it by slits."""
    filled = np.zeros_like(part)
    cv2.drawContours(filled, cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], -1, 1, cv2.FILLED)
    empty = np.uint8((filled == 1) & (part == 0) & (inside == 0))
    borders, levels = cv2.findContours(empty, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if levels is None:
        return []
    holes = []
    for number, (border, level) in enumerate(zip(borders, levels[0], strict=True)):
        if level[3] < 0:
            islands = [borders[at].reshape(-1, 2) for at in range(len(borders)) if levels[0][at][3] == number]
            holes.append(with_slits(border.reshape(-1, 2), islands))
    return holes


def with_slits(border: np.ndarray, islands: list[np.ndarray]) -> np.ndarray:
    """One outline (N, 2) around `border` that leaves `islands` out: it runs to each, around it and back by the same way.

    The nearest island comes first, so that no way leads across another one.
    """
    left = [(*_nearest(border, island), island) for island in islands]
    while left:
        _, place, there, island = left.pop(min(range(len(left)), key=lambda at: left[at][0]))
        here = _index_of(border, place)
        border = np.concatenate([border[: here + 1], island[there:], island[: there + 1], border[here:]])
        left = [min(one, (*_nearest(island, one[3]), one[3]), key=lambda each: each[0]) for one in left]
    return border


def _nearest(border: np.ndarray, island: np.ndarray) -> tuple[int, np.ndarray, int]:
    """The smallest distance of two points, squared, the one on the border, and which one of the island it is."""
    best = (np.iinfo(np.int64).max, border[0], 0)
    for start in range(0, len(border), BLOCK):
        block = border[start : start + BLOCK].astype(np.int64)
        distances = ((block[:, None] - island) ** 2).sum(axis=2)
        here, there = np.unravel_index(distances.argmin(), distances.shape)
        best = min(best, (int(distances[here, there]), border[start + here], int(there)), key=lambda each: each[0])
    return best


def simplified(border: np.ndarray, error: float, tolerance: float | None = None) -> np.ndarray:
    """The outline `border` (N, 2) by few points, (M, 2) float32 at whole pixels.

    error      pixels by which the areas inside may differ
    tolerance  distance in pixels between the outlines, which then counts instead of `error`
    """
    largest = int(np.ptp(border, axis=0).max()) + 1
    margin = int(COARSEST * largest) + 2  # corners may move out of the box around the border
    corner = border.min(axis=0) - margin
    moved = border - corner
    whole = filled(moved, tuple(moved.max(axis=0)[::-1] + margin + 1))
    if tolerance is not None:
        return _fitted(moved, whole, tolerance)[0] + np.float32(corner)
    tolerance = COARSEST * largest
    while tolerance > FINEST:
        points, wrong = _fitted(moved, whole, tolerance)
        if wrong <= error:
            return points + np.float32(corner)
        tolerance *= FINER
    return np.float32(cv2.approxPolyDP(border, 0, True).reshape(-1, 2))


def _fitted(border: np.ndarray, whole: np.ndarray, tolerance: float) -> tuple[np.ndarray, int]:
    """Douglas and Peucker's choice of points, which all lie on the outline, then moved so that edges run through the middle of it.

    Chords of a round outline lie inside it; moved, half as many do. whole: (H, W) bool, the area inside; with the points comes by how
    many pixels theirs differs from it.
    """
    rough = cv2.approxPolyDP(border, tolerance, True).reshape(-1, 2)
    best, least = np.float32(rough), _difference(rough, whole)
    corners, points = [_index_of(border, corner) for corner in rough], rough.astype(np.float64)
    for _ in range(ROUNDS if len(rough) >= 3 and len(set(corners)) == len(rough) else 0):
        points = _moved_edges(points, border, corners)
        whole_pixels = np.float32(np.rint(points))
        found = _difference(whole_pixels, whole)
        if found < least:
            best, least = whole_pixels, found
    return best, least


def _difference(points: np.ndarray, whole: np.ndarray) -> int:
    """How many pixels of `whole` are on the wrong side."""
    return int(np.count_nonzero(filled(points, whole.shape) != whole))


def _moved_edges(points: np.ndarray, border: np.ndarray, corners: list[int]) -> np.ndarray:
    """Every edge moved along its normal by the mean distance of its stretch of the border; points go where edges meet."""
    ends = np.roll(points, -1, axis=0)
    along = ends - points
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    normals = np.c_[-along[:, 1], along[:, 0]]
    shifts = np.array(
        [
            ((_stretch(border, start, end) - points[number]) @ normals[number]).mean()
            for number, (start, end) in enumerate(zip(corners, np.roll(corners, -1).tolist(), strict=True))
        ]
    )
    return np.array([_meeting(points[at], normals[at - 1 : at + 1] if at else normals[[-1, 0]], shifts[[at - 1, at]])
                     for at in range(len(points))])  # fmt: skip


def _meeting(point: np.ndarray, normals: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Where the two edges at `point` meet after they moved; edges that are nearly one line move the point with them."""
    if abs(np.linalg.det(normals)) < 0.25:  # 15 degrees
        return point + normals.mean(axis=0) * shifts.mean()
    return point + np.linalg.solve(normals, shifts)


def _stretch(border: np.ndarray, start: int, end: int) -> np.ndarray:
    """The pixels of the border from one index to another, around its end if need be."""
    return border[start : end + 1] if start <= end else np.concatenate([border[start:], border[: end + 1]])


def _index_of(border: np.ndarray, corner: np.ndarray) -> int:
    return int(np.flatnonzero((border == corner).all(axis=1))[0])


def filled(points: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(H, W) bool: what labels of this outline alone would include, as samplers.geometry.polygons fills it."""
    mask = np.zeros(tuple(shape), np.uint8)
    cv2.fillPoly(mask, [points.astype(np.int32)], 1)
    return mask > 0


def within(points: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The points moved into a picture of (height, width)."""
    return np.clip(points, 0, np.float32((shape[1] - 1, shape[0] - 1)))


def _area(border: np.ndarray) -> float:
    """Pixels inside, those of the border included."""
    return cv2.contourArea(border) + len(border) / 2 + 1


def iou(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two masks of bool; 1 where both are empty."""
    union = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / union if union else 1.0


def _cleaned(mask: np.ndarray, shape: tuple[int, int] | None, smallest: float) -> np.ndarray:
    """(H, W) uint8 0/1 in the size that is wanted, without specks."""
    plain = np.float32(mask).reshape(np.shape(mask)[:2])
    if shape and plain.shape != tuple(shape):
        plain = cv2.resize(plain, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return _without_specks(np.uint8(plain >= 0.5), smallest * plain.size)


def _without_specks(inside: np.ndarray, least: float) -> np.ndarray:
    """`inside` (H, W) uint8 0/1 without parts, and then without holes, of fewer than `least` pixels."""
    cleaned = inside.copy()
    for value, connectivity in ((1, 8), (0, 4)):
        _, parts, facts, _ = cv2.connectedComponentsWithStats(np.uint8(cleaned == value), connectivity=connectivity)
        small = facts[:, cv2.CC_STAT_AREA] < least
        small[0] = False  # what is not `value`
        cleaned[small[parts]] = 1 - value
    return cleaned
