"""Labels painted with a brush: a stroke changes the polygons it touches, all others keep their points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.xseg.assist.outlines import excluding_polygons, filled, polygons_of_mask
from samplers.geometry.polygons import Polygon, PolygonType

FINE = 8  # bits behind the point of the coordinates that OpenCV draws at
SPECK = 5e-4  # of the picture: what a stroke leaves of a polygon and is dropped


class Stroke(NamedTuple):
    """The way of a round brush."""

    points: np.ndarray  # (N, 2) pixels
    radius: float  # pixels


def painted(strokes: Iterable[Stroke], shape: tuple[int, int]) -> np.ndarray:
    """(H, W, 1) float32: 1 where a brush was. shape: height, width."""
    mask = np.zeros(shape, np.uint8)
    for stroke in strokes:
        points = np.rint(np.float64(stroke.points).reshape(-1, 2) * 2**FINE).astype(np.int32)
        radius = max(round(stroke.radius * 2**FINE), 1)
        for one, other in pairwise(points):
            side = _across(one, other, radius)
            cv2.fillConvexPoly(mask, np.int32([one + side, other + side, other - side, one - side]), 1, shift=FINE)
        for point in points:
            cv2.circle(mask, point.tolist(), radius, 1, cv2.FILLED, shift=FINE)
    return np.float32(mask)[..., None]


def brush(
    polygons: Sequence[Polygon], strokes: Sequence[Stroke], kind: PolygonType, shape: tuple[int, int]
) -> list[Polygon]:
    """`polygons` after painting. INCLUDE adds to the face, also where something was cut from it; EXCLUDE adds to what covers it."""
    return merge_mask(polygons, painted(strokes, shape), kind)


def erase(
    polygons: Sequence[Polygon], strokes: Sequence[Stroke], kind: PolygonType, shape: tuple[int, int]
) -> list[Polygon]:
    """`polygons` without what the brush touched of those of this kind."""
    away = painted(strokes, shape)[..., 0] > 0
    return [new for polygon in polygons for new in (_cut(polygon, away) if polygon.type == kind else [polygon])]


def merge_mask(polygons: Sequence[Polygon], mask: np.ndarray, kind: PolygonType) -> list[Polygon]:
    """`polygons` with the area of `mask` (H, W, 1), as of a brush or of a grab-cut, added as included or as excluded."""
    area = mask[..., 0] >= 0.5
    kept, touched = [], []
    for polygon in polygons:
        own = filled(polygon.points, area.shape)
        if polygon.type == kind and np.count_nonzero(own & area):
            touched.append(own)
        elif polygon.type == PolygonType.EXCLUDE and kind == PolygonType.INCLUDE:
            kept += _cut(polygon, area)
        else:
            kept.append(polygon)
    together = np.float32(np.logical_or.reduce([area, *touched]))
    return [*kept, *_traced(together, kind)]


def _cut(polygon: Polygon, away: np.ndarray) -> list[Polygon]:
    """What is left of a polygon without the area `away` (H, W) bool; itself where that does not touch it."""
    own = filled(polygon.points, away.shape)
    if not (own & away).any():
        return [polygon]
    return _traced(np.float32(own & ~away), PolygonType(polygon.type))


def _traced(mask: np.ndarray, kind: PolygonType) -> list[Polygon]:
    trace = polygons_of_mask if kind == PolygonType.INCLUDE else excluding_polygons
    return trace(mask, smallest=SPECK)


def _across(one: np.ndarray, other: np.ndarray, radius: int) -> np.ndarray:
    """From the middle of a straight stroke to its side."""
    along = np.float64(other - one)
    length = np.linalg.norm(along)
    return (
        np.rint(np.float64([-along[1], along[0]]) / length * radius).astype(np.int32)
        if length
        else np.zeros(2, np.int32)
    )
