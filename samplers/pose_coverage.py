"""Which head directions of one face set another one lacks.

Directions are in degrees as a person reads them off a picture: yaw negative to its left, pitch positive up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from samplers.files.faces import Face
from samplers.geometry.pose import estimate_pitch_yaw_roll

WIDEST = 90  # degrees; poses reach no farther
NEAR = 10  # degrees within which a face shows much the same
FEW = 10  # faces near a direction, of all lights and expressions, that are too few to learn it from
RARE = 0.01  # of the dst faces: fewer are not worth a word
STEP = 5  # degrees between limits that are tried
CELL = 15  # degrees: a side of the places inside the range that are looked at


class Gap(NamedTuple):
    """A range of directions that dst looks in and src does not, or hardly. Open sides are infinite."""

    yaw: tuple[float, float]
    pitch: tuple[float, float]
    src: int  # faces there; of a gap with four sides the most that are near one of dst's
    dst: int


class Coverage(NamedTuple):
    covered: float | None  # share of dst's faces with enough of src's near them, 0..1; None: src has too few to tell
    gaps: list[Gap]  # the greatest first


class Directions(NamedTuple):
    """Where the faces of a set look."""

    degrees: np.ndarray  # (N, 2) yaw, pitch
    weight: float  # faces that each of them stands for

    @property
    def count(self) -> int:
        """Faces of the set."""
        return round(len(self.degrees) * self.weight)


def directions(faces: Sequence[Face], most: int | None = None) -> Directions:
    """The directions of `faces`, of no more than `most` of them, evenly chosen."""
    chosen = evenly(faces, most)
    poses = [estimate_pitch_yaw_roll(face.landmarks, face.shape[1]) for face in chosen]
    radians = np.array([(-pose.yaw, pose.pitch) for pose in poses]).reshape(-1, 2)
    return Directions(np.degrees(radians), len(faces) / max(len(chosen), 1))


def evenly(faces: Sequence[Face], most: int | None) -> list[Face]:
    """`faces`, or `most` of them spread over the whole sequence."""
    if most is None or len(faces) <= most:
        return list(faces)
    return [faces[int(place)] for place in np.linspace(0, len(faces) - 1, most)]


def coverage(src: Directions, dst: Directions) -> Coverage:
    """How well the faces of src cover the directions of dst, neither of which is empty."""
    if src.count < FEW:
        return Coverage(None, [])
    near = faces_near(dst.degrees, src)
    gaps = _outer_gaps(src, dst)
    inside = ~np.any([in_gap(dst.degrees, gap) for gap in gaps], axis=0) if gaps else np.ones(len(near), bool)
    gaps += _inner_gaps(dst, near, inside)
    return Coverage(float((near >= FEW).mean()), sorted(gaps, key=lambda gap: -gap.dst))


def faces_near(degrees: np.ndarray, faces: Directions) -> np.ndarray:
    """(N,): how many of `faces` look within `NEAR` degrees of each direction, to a degree."""
    table = np.zeros((2 * WIDEST + 1, 2 * WIDEST + 1), np.float32)
    np.add.at(table, tuple(_cells(faces.degrees).T), 1)
    disc = np.hypot(*np.mgrid[-NEAR : NEAR + 1, -NEAR : NEAR + 1]) <= NEAR
    sums = cv2.filter2D(table, cv2.CV_32F, disc.astype(np.float32), borderType=cv2.BORDER_CONSTANT)
    return np.rint(sums[tuple(_cells(degrees).T)]) * faces.weight


def _cells(degrees: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(degrees).astype(int) + WIDEST, 0, 2 * WIDEST)


def _outer_gaps(src: Directions, dst: Directions) -> list[Gap]:
    """What lies beyond src's range to the left, right, bottom and top."""
    return [gap for axis in (0, 1) for sign in (-1, 1) if (gap := _beyond(src, dst, axis, sign)) is not None]


def _beyond(src: Directions, dst: Directions, axis: int, sign: int) -> Gap | None:
    """The widest range that begins more than `NEAR` degrees beyond all but a few of src's faces; None without dst there."""
    ours, theirs = sign * src.degrees[:, axis], sign * dst.degrees[:, axis]
    for limit in range(-WIDEST, WIDEST, STEP):
        if (ours > limit - NEAR).sum() * src.weight >= FEW:
            continue
        count = (theirs > limit).sum() * dst.weight
        if count < _least(dst) or 2 * (ours > limit).sum() > len(ours):  # src is so small that half of it is "a few"
            return None
        sides = [(-np.inf, np.inf), (-np.inf, np.inf)]
        sides[axis] = (limit, np.inf) if sign > 0 else (-np.inf, -limit)
        return Gap(*sides, src=round((ours > limit).sum() * src.weight), dst=round(count))
    return None


def _inner_gaps(dst: Directions, near: np.ndarray, inside: np.ndarray) -> list[Gap]:
    """Places within the range with dst faces that have few of src's near them."""
    lonely = inside & (near < FEW)
    cells = np.floor(dst.degrees / CELL).astype(int)
    gaps = []
    for cell in np.unique(cells[lonely], axis=0):
        there = lonely & (cells == cell).all(axis=1)
        count = there.sum() * dst.weight
        if count >= _least(dst):
            (left, low), (right, high) = cell * CELL, (cell + 1) * CELL
            gaps.append(
                Gap((float(left), float(right)), (float(low), float(high)), round(near[there].max()), round(count))
            )
    return gaps


def in_gap(degrees: np.ndarray, gap: Gap) -> np.ndarray:
    """Which of `degrees` (N, 2) lie in a gap."""
    low, high = np.array([gap.yaw, gap.pitch]).T
    return ((degrees > low) & (degrees < high)).all(axis=1)


def _least(dst: Directions) -> float:
    return max(3, RARE * len(dst.degrees) * dst.weight)
