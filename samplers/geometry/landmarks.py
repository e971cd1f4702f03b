"""The 68 points of a face: the tables about them, mirroring, wider brows."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path

import numpy as np

POINTS = 68
JAW, RIGHT_BROW, LEFT_BROW = slice(0, 17), slice(17, 22), slice(22, 27)
RIGHT_EYE, LEFT_EYE, INNER_LIPS = slice(36, 42), slice(42, 48), slice(60, 68)


N_ = str  # marks a text for the catalogs: dfl_cli translates what `landmark_fault` says
FARTHEST = 2**20  # pixels a point may lie from the corner of its picture
SMALLEST_FACE = 1.0  # pixels along the larger side of the landmarks
FLATTEST_FACE = 1e-3  # of the variances along and across; a face in profile has 0.1 or more


class WrongLandmarks(ValueError):
    """Not the 68 points this needs."""

    fact = N_("they are not 68 points")

    def __init__(self, shape: tuple[int, ...]):
        super().__init__(f"landmarks of shape {shape}, not (68, 2)")
        self.shape = shape


@cache
def mean_face() -> tuple[np.ndarray, np.ndarray]:
    """(indexes (33,), points (33, 2) float32): where these landmarks lie in the unit square of an aligned face."""
    table = _tables()["mean_face"]
    return np.array(table["index"]), np.float32(table["xy"])


@cache
def head_model() -> tuple[np.ndarray, np.ndarray]:
    """(indexes (33,), points (33, 3) float32): the rigid landmarks of a mean head in space, for pose."""
    index = np.array(_tables()["pose_index"])
    return index, np.float32(_tables()["model_3d"]["xyz"])[index]


@cache
def frontal_face() -> np.ndarray:
    """(68, 2) float32: all landmarks of the mean head, seen from the front, in the unit square."""
    flat = np.float32(_tables()["model_3d"]["xyz"])[:, :2]
    return (flat - flat.min(axis=0)) / np.ptp(flat, axis=0)


@cache
def hull_parts() -> tuple[np.ndarray, ...]:
    """Indexes of the landmarks whose convex hulls together cover the face."""
    return tuple(np.array(indexes) for indexes in _tables()["hull_parts"].values())


def checked(landmarks) -> np.ndarray:
    """`landmarks` as an array (68, 2), its dtype kept; WrongLandmarks otherwise."""
    points = np.asarray(landmarks)
    if points.shape != (POINTS, 2):
        raise WrongLandmarks(points.shape)
    return points


def mirror(landmarks, width: int) -> np.ndarray:
    """The landmarks of the picture, `width` pixels wide, seen in a mirror: left and right parts change names too."""
    mirrored = checked(landmarks)[_mirror_order()]
    mirrored[:, 0] = width - mirrored[:, 0] - 1
    return mirrored


def expand_eyebrows(landmarks, amount: float = 1.0, *, exact: bool = False) -> np.ndarray:
    """(68, 2): brows moved away from the eyes, so that a hull takes in more of the forehead (facesets.md 2.6).

    amount  1 moves a brow by half its distance to the eye, 0 not at all
    exact   float64; off, int, every step truncated as in the reference
    """
    points = checked(landmarks).astype(np.float64 if exact else int)
    middle = np.true_divide if exact else np.floor_divide
    right_corner, left_corner = middle(points[36] + points[0], 2), middle(points[16] + points[45], 2)
    under_right = np.array([middle(points[36] + right_corner, 2), *points[36:40]])
    under_left = np.array([*points[42:46], middle(points[45] + left_corner, 2)])
    for brow, under in ((RIGHT_BROW, under_right), (LEFT_BROW, under_left)):
        points[brow] = points[brow] + amount * 0.5 * (points[brow] - under)
    return points


def landmark_fault(landmarks: np.ndarray, shape: tuple[int, int] | None = None) -> str | None:
    """Why nothing can be cut around `landmarks` (68, 2); None if it can.

    shape  (height, width) of the picture they belong to; None where it is not known, so that only their own shape is looked at
    """
    (left, top), (right, bottom) = landmarks.min(axis=0).tolist(), landmarks.max(axis=0).tolist()
    if not all(map(math.isfinite, (left, top, right, bottom))):
        return N_("they are not finite numbers")
    if max(right - left, bottom - top) < SMALLEST_FACE:
        return N_("they lie in one place")
    middle = landmarks.sum(axis=0) / len(landmarks)
    if max(-left, -top, right, bottom) > FARTHEST or (
        shape and _is_outside((left, top, right, bottom), middle.tolist(), shape)
    ):
        return N_("they lie outside the image")
    centered = landmarks - middle
    (xx, xy), (_, yy) = (centered.T @ centered).tolist()
    if xx * yy - xy * xy < FLATTEST_FACE * (xx + yy) ** 2:  # product of the two variances against their sum
        return N_("they lie on one line")
    return None


def _is_outside(box: tuple[float, ...], middle: list[float], shape: tuple[int, int]) -> bool:
    """Whether the middle of the face is not in the picture, or a landmark is further away from it than the picture is large."""
    (left, top, right, bottom), (height, width), side = box, shape, max(shape)
    if not (0 <= middle[0] <= width and 0 <= middle[1] <= height):
        return True
    return min(left, top) < -side or right > width + side or bottom > height + side


@cache
def _mirror_order() -> np.ndarray:
    order = np.arange(POINTS)
    for one, other in _tables()["mirror_pairs"]:
        order[[one, other]] = other, one
    return order


@cache
def _tables() -> dict:
    return json.loads(Path(__file__).parent.joinpath("tables/face_geometry.json").read_text(encoding="utf-8"))
