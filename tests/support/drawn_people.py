"""Frames with drawn people whose landmarks are known."""

from functools import cache

import cv2
import numpy as np

from dfl_cli.demo.people.people import PERSON_A, PERSON_B
from dfl_cli.demo.people.poses import draw_poses
from dfl_cli.demo.people.render import render

PEOPLE = {"A": PERSON_A, "B": PERSON_B}


@cache
def drawn(who: str = "A", number: int = 0, side: int = 320) -> tuple[np.ndarray, np.ndarray]:
    """The frame `number` of a person, (side, side, 3) uint8, and the landmarks (68, 2) in it."""
    rendering = render(PEOPLE[who], draw_poses(12, 2)[number], (side, side))
    return rendering.image, np.float32(rendering.landmarks)


def placed(frame: np.ndarray, landmarks: np.ndarray, matrix, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """`frame` and `landmarks` moved by `matrix` (2, 3) into a gray frame of `size` (width, height)."""
    matrix = np.float64(matrix)
    way = cv2.INTER_AREA if abs(np.linalg.det(matrix[:, :2])) < 1 else cv2.INTER_CUBIC
    scale = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=way)
    rest = matrix @ np.float64([[1 / scale, 0, 0], [0, 1 / scale, 0], [0, 0, 1]])
    gray = (110, 110, 110)
    return cv2.warpAffine(small, rest, size, borderMode=cv2.BORDER_CONSTANT, borderValue=gray), np.float32(
        landmarks @ matrix[:, :2].T + matrix[:, 2]
    )


def eye_distance(landmarks: np.ndarray) -> float:
    return float(np.linalg.norm(landmarks[36:42].mean(axis=0) - landmarks[42:48].mean(axis=0)))


def difference(found: np.ndarray, truth: np.ndarray) -> float:
    """Mean distance of the points, as a fraction of the eye distance."""
    return float(np.linalg.norm(found - truth, axis=1).mean()) / eye_distance(truth)


SIZE = (240, 180)  # of the frames


def frame_with_face(step=0, who="A"):
    """A frame with a face 60 pixels high that moves to the right, and its landmarks."""
    return placed(*drawn(who), [[0.45, 0, 20 + 4 * step], [0, 0.45, 15]], SIZE)


def empty_frame():
    return np.full((SIZE[1], SIZE[0], 3), 110, np.uint8)
