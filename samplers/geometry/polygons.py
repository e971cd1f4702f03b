"""Hand-drawn masks: polygons that add to a mask or cut from it (facesets.md 7.1)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

import cv2
import numpy as np


class PolygonType(IntEnum):
    EXCLUDE = 0
    INCLUDE = 1


class Polygon(NamedTuple):
    """A closed outline in the pixels of its picture."""

    type: PolygonType
    points: np.ndarray  # (N, 2) float32


def overlay(polygons: Iterable[Polygon], mask: np.ndarray) -> np.ndarray:
    """A copy of `mask` (H, W, 1) with every including polygon filled with 1, then every excluding one with 0."""
    drawn = mask.copy()
    for polygon in sorted(polygons, key=lambda polygon: -polygon.type):
        points = np.asarray(polygon.points, np.float32).reshape(-1, 2)
        if len(points):
            cv2.fillPoly(drawn, [points.astype(np.int32)], float(polygon.type))  # coordinates truncated
    return drawn
