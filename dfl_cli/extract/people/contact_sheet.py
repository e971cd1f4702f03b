"""A picture of everybody in an extraction: a row for each person, with the name, the count and some faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import cv2
import numpy as np

from dfl_cli.face_networks.crops import warp
from samplers.geometry.align import transform_matrix
from samplers.geometry.face_types import FaceType

SIDE, LABEL, GAP = 96, 150, 4  # pixels: of a face, of the space for the name, between faces
FACES, ROWS = 8, 20  # most faces of a person, most people
BACKGROUND, INK = (32, 32, 32), (235, 235, 235)


def contact_sheet(rows: Sequence[tuple[str, Sequence[np.ndarray]]], *, label_width: int = LABEL) -> np.ndarray:
    """(H, W, 3) uint8 BGR. rows: label in ASCII, since OpenCV draws nothing else, and faces (SIDE, SIDE, 3)."""
    step = SIDE + GAP
    rows = rows[:ROWS]
    sheet = np.full((GAP + step * len(rows), label_width + GAP + step * FACES, 3), BACKGROUND, np.uint8)
    for number, (label, faces) in enumerate(rows):
        top = GAP + number * step
        cv2.putText(sheet, label, (GAP * 2, top + SIDE // 2 + 8), cv2.FONT_HERSHEY_SIMPLEX, 0.7, INK, 1, cv2.LINE_AA)
        for column, face in enumerate(faces[:FACES]):
            left = label_width + GAP + column * step
            sheet[top : top + SIDE, left : left + SIDE] = face
    return sheet


def sheet_face(picture: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """(SIDE, SIDE, 3): a face of `picture` with some of what surrounds it."""
    return warp(picture, transform_matrix(np.asarray(landmarks, np.float64), SIDE, FaceType.WHOLE), SIDE)


def samples(items: Sequence, quality: Callable[[object], float]) -> list:
    """Up to FACES of `items`, which are in the order of time: the best of each of as many equal stretches."""
    count = min(FACES, len(items))
    edges = [round(number * len(items) / max(count, 1)) for number in range(count + 1)]
    return [max(items[start:end], key=quality) for start, end in pairwise(edges)]
