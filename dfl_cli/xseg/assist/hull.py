"""The landmark hull as a polygon, so that a person needs to mark only what covers the face."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from dfl_cli.xseg.assist.outlines import simplified
from samplers.geometry.landmarks import expand_eyebrows, hull_parts
from samplers.geometry.polygons import Polygon, PolygonType

GOOD = 0.9925  # of the area inside; a polygon of about 15 points
LARGEST_CANVAS = 4096  # pixels


def hull_polygon(landmarks: np.ndarray, *, eyebrows_expand_mod: float = 1.0) -> Polygon:
    """The outline of the face as `samplers.geometry.masks.hull_mask` fills it, by few points, also where it leaves the picture.

    landmarks  (68, 2) pixels of the picture
    """
    points = expand_eyebrows(landmarks, eyebrows_expand_mod)
    corner = points.min(axis=0)
    width, height = (np.minimum(np.ptp(points, axis=0), LARGEST_CANVAS) + 1).tolist()
    canvas = np.zeros((height, width), np.uint8)
    for part in hull_parts():
        cv2.fillConvexPoly(canvas, cv2.convexHull(np.int32(points[part] - corner)), 1)
    borders, _ = cv2.findContours(canvas, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    border = max(borders, key=cv2.contourArea).reshape(-1, 2)
    error = (1 - GOOD) * np.count_nonzero(canvas)
    return Polygon(PolygonType.INCLUDE, simplified(border, error) + np.float32(corner))


def labels_on_hull(
    excluded: Iterable[Polygon], landmarks: np.ndarray, *, eyebrows_expand_mod: float = 1.0
) -> list[Polygon]:
    """The labels of a face of which a person marked only what covers it: the hull, and those polygons cut from it."""
    hull = hull_polygon(landmarks, eyebrows_expand_mod=eyebrows_expand_mod)
    return [hull, *(Polygon(PolygonType.EXCLUDE, polygon.points) for polygon in excluded)]


def is_on_hull(polygons: Iterable[Polygon], landmarks: np.ndarray, *, eyebrows_expand_mod: float = 1.0) -> bool:
    """Whether labels are such: one including polygon, which is the hull, unchanged."""
    including = [polygon for polygon in polygons if polygon.type == PolygonType.INCLUDE]
    hull = hull_polygon(landmarks, eyebrows_expand_mod=eyebrows_expand_mod)
    return len(including) == 1 and np.array_equal(including[0].points, hull.points)
