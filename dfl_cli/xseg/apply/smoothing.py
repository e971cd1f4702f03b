"""Masks that flicker less: each is the weighted mean of those of the neighboring frames, moved to where the face is.

A neighbor counts only where it looks the same: what a hand covers in one frame and not in the next is no flicker.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np

from dfl_cli.xseg.apply.tracks import Track
from dfl_cli.xseg.apply.view import View
from dfl_cli.xseg.predict import SIDE
from samplers.geometry.align import umeyama

ALIKE = 0.06  # color difference, of 1, at which a neighbor counts e^-.5 as much; compression and noise make .02
BLUR = 2.0  # pixels of the square; finer differences are noise


class Window(NamedTuple):
    """A face and those its mask is made from: index in the set -> weight, in the order of time; itself is among them."""

    index: int
    weights: dict[int, float]


class Seen(NamedTuple):
    """A face and what the network made of it."""

    view: View
    probabilities: np.ndarray  # (256, 256) float32


def windows(count: int, tracks: Sequence[Track], reach: int) -> list[Window]:
    """One for each of `count` faces, those of a track one after the other; reach: frames to each side."""
    found = []
    for track in tracks if reach else []:
        for position, place in enumerate(track):
            around = track[max(position - reach, 0) : position + reach + 1]
            apart = {other.index: abs(other.frame - place.frame) for other in around}
            weights = {index: 1 - frames / (reach + 1) for index, frames in apart.items() if frames <= reach}
            found.append(Window(place.index, weights))
    alone = sorted(set(range(count)) - {window.index for window in found})
    return found + [Window(index, {index: 1.0}) for index in alone]


def smoothed(window: Window, seen: dict[int, Seen]) -> np.ndarray:
    """The mean of the probabilities, (256, 256) float32, in the square of the face; neighbors that are not in `seen` do not count."""
    here = seen[window.index]
    if len(window.weights) == 1:
        return here.probabilities
    picture = blurred(here.view.picture)
    total, weight = np.zeros((2, SIDE, SIDE), np.float32)
    for index, own in window.weights.items():
        if index not in seen:
            continue
        moved, alike = (here.probabilities, 1.0) if index == window.index else moved_to(here.view, picture, seen[index])
        total += own * alike * moved
        weight += own * alike
    return total / weight


def moved_to(view: View, picture: np.ndarray, other: Seen) -> tuple[np.ndarray, np.ndarray]:
    """The probabilities of another face in the square of `view`, and how alike each pixel is, 0..1; both (256, 256).

    picture  of `view`, blurred
    """
    matrix = umeyama(other.view.landmarks, view.landmarks)[:2]
    if not np.isfinite(matrix).all():
        return other.probabilities, np.zeros((SIDE, SIDE), np.float32)
    size = (SIDE, SIDE)
    moved = cv2.warpAffine(other.probabilities, matrix, size)
    theirs = cv2.warpAffine(blurred(other.view.picture), matrix, size)
    inside = cv2.warpAffine(np.ones(size, np.float32), matrix, size)
    difference = np.square(theirs - picture).mean(axis=-1)
    return moved, inside * np.exp(-difference / (2 * ALIKE**2))


def blurred(picture: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), BLUR)


def ready(order: Sequence[Window], painted: Iterable[tuple[int, Any]]) -> Iterator[tuple[Window, dict[int, Any]]]:
    """Each window as soon as all its faces are painted. A face is kept no longer than it is needed.

    painted  the faces that `order` needs, in the order of their first need
    """
    last_use = {index: number for number, window in enumerate(order) for index in window.weights}
    incoming, seen = iter(painted), {}
    for number, window in enumerate(order):
        while window.weights.keys() - seen.keys():
            index, one = next(incoming)
            seen[index] = one
        yield window, {index: seen[index] for index in window.weights}
        for index in window.weights:
            if last_use[index] == number:
                del seen[index]


def needed(order: Sequence[Window]) -> list[int]:
    """The faces that the network has to see, in the order of their first need."""
    return list(dict.fromkeys(index for window in order for index in window.weights))
