"""What surrounds S3FD in DeepFaceLab (facesets.md 5.3): the size of its input, and boxes from what it gives."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

LARGE, TARGET, SMALLEST = 1280, 640, 64  # pixels of the longer side
FIRST_SCORE, LAST_SCORE, OVERLAP = 0.05, 0.5, 0.3
SMALLEST_FACE = 40  # pixels of the frame
CHIN = 0.1  # of the height, added below

Level = tuple[np.ndarray, np.ndarray]  # (h, w, 2) scores, (h, w, 4) offsets


def network_input(picture: np.ndarray) -> tuple[np.ndarray, float]:
    """RGB of `picture` (H, W, 3) BGR made smaller, and by which factor."""
    height, width = picture.shape[:2]
    longest = max(width, height)
    factor = longest / max(TARGET if longest >= LARGE else longest / 2, SMALLEST)
    size = int(width / factor), int(height / factor)
    return cv2.resize(np.ascontiguousarray(picture[..., ::-1]), size, interpolation=cv2.INTER_LINEAR), factor


def boxes_in_frame(levels: Sequence[Level], factor: float) -> list[tuple[list[int], float]]:
    """(left, top, right, bottom) in whole pixels of the frame and the score of each face, the largest first."""
    found = []
    for box, score in boxes_of_levels(levels):
        left, top, right, bottom = (side * factor for side in box)
        if min(right - left, bottom - top) >= SMALLEST_FACE:
            found.append(([int(side) for side in (left, top, right, bottom + (bottom - top) * CHIN)], score))
    return sorted(found, key=lambda each: -(each[0][2] - each[0][0]) * (each[0][3] - each[0][1]))


def boxes_of_levels(levels: Sequence[Level]) -> list[tuple[list[int], float]]:
    """The same in pixels of the network's input, the surest first."""
    rows = np.concatenate([decoded(number, *level) for number, level in enumerate(levels)])
    kept = rows[surest(rows)]
    return [([int(side) for side in row[:4]], float(row[4])) for row in kept if row[4] >= LAST_SCORE]


def decoded(number: int, scores: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """(N, 5) left, top, right, bottom, score of the cells of a level that may show a face."""
    stride = 2 ** (number + 2)
    rows, columns = np.nonzero(scores[..., 1] > FIRST_SCORE)
    offset, score = offsets[rows, columns], scores[rows, columns, 1]
    center = np.stack([columns, rows], axis=1) * stride + stride / 2 + 0.1 * offset[:, :2] * (4 * stride)
    size = 4 * stride * np.exp(0.2 * offset[:, 2:])
    corner = center - size / 2
    return np.c_[corner, corner + size, score].astype(np.float64)


def surest(rows: np.ndarray) -> list[int]:
    """Indexes of `rows` (N, 5), the surest first, without those that a surer one covers."""
    left, top, right, bottom, score = rows.T
    area, order, kept = (right - left + 1) * (bottom - top + 1), score.argsort()[::-1], []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        width = np.minimum(right[best], right[rest]) - np.maximum(left[best], left[rest]) + 1
        height = np.minimum(bottom[best], bottom[rest]) - np.maximum(top[best], top[rest]) + 1
        common = np.maximum(width, 0) * np.maximum(height, 0)
        order = rest[common / (area[best] + area[rest] - common) <= OVERLAP]
    return kept
