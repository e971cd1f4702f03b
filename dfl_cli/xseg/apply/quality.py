"""How much a mask is to be trusted: how sure the network is of its edge, and how much the mask differs from its neighbors in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.xseg.apply.view import INSIDE
from samplers.geometry.align import resized_points, umeyama

BAND = 8  # pixels of 256 to each side of the edge
SMALL = 64  # pixels of the square in which masks are compared


class Painted(NamedTuple):
    """A mask as it is compared with others."""

    small: np.ndarray  # (side, side) bool
    landmarks: np.ndarray  # (68, 2) pixels of that square


def confidence(probabilities: np.ndarray) -> float:
    """0..0.5: mean distance from one half along the edge of the mask; 0 where there is no mask at all.

    probabilities  (256, 256)
    """
    inside = (probabilities >= INSIDE).astype(np.uint8)
    if not inside.any():
        return 0.0
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * BAND + 1, 2 * BAND + 1))
    band = cv2.dilate(inside, kernel) > cv2.erode(inside, kernel)
    return float(np.abs(probabilities - 0.5)[band if band.any() else ...].mean())


def painted(mask: np.ndarray, landmarks: np.ndarray, shape: tuple[int, int], *, side: int = SMALL) -> Painted:
    """mask (h, w[, 1]) 0..1 of a whole picture of `shape`; landmarks (68, 2) pixels of that picture."""
    small = cv2.resize(np.asarray(mask, np.float32), (side, side), interpolation=cv2.INTER_AREA)
    return Painted(small.reshape(side, side) >= INSIDE, resized_points(landmarks, (side / shape[1], side / shape[0])))


def difference(one: Painted, other: Painted) -> float:
    """1 - intersection / union of two masks, the other moved to where this face is, and only where both pictures reach."""
    matrix = umeyama(other.landmarks, one.landmarks)[:2]
    if not np.isfinite(matrix).all():
        return 1.0
    size = one.small.shape
    moved = cv2.warpAffine(other.small.astype(np.float32), matrix, size) >= INSIDE
    reached = cv2.warpAffine(np.ones(size, np.float32), matrix, size) >= 1 - 1e-3
    union = ((one.small | moved) & reached).sum()
    return 1 - float((one.small & moved & reached).sum() / union) if union else 0.0


def changes(masks: Mapping[int, Painted], neighbors: Mapping[int, Sequence[int]]) -> dict[int, float]:
    """Index of a face -> how much its mask differs from the neighbor in time that it is most like: what only flickers once stands out."""
    found = {}
    for index, others in neighbors.items():
        there = [masks[other] for other in others if other in masks]
        if index in masks and there:
            found[index] = min(difference(masks[index], other) for other in there)
    return found
