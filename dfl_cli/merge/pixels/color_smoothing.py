"""The colors of one face over time: what it lends to the swapped face is freed from flicker before any transfer looks at it.

Only the picture that lends its colors is changed, so every color transfer and histogram match can work with it. Its mean in each LAB
channel becomes what the frames around say it should be. (Treating its spread alike, or measuring inside the hull of the landmarks, whose
edge moves, made real faces flicker more: docs/merging.md.)
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.frames import UnreadableFrame, read_frame
from dfl_cli.merge.pixels.crop import ModelFace, crop_face
from dfl_cli.merge.pixels.motion import smoothing_weights
from samplers.geometry.align import FlatLandmarks
from samplers.geometry.face_types import FaceType

MEASURED = ModelFace(64, FaceType.FULL)  # the square that is measured, inside OVAL
OVAL = (32, 30), (24, 30)  # middle and radii in pixels of that square: the face without its surroundings
JUMP = 12.0  # LAB units: neighbouring frames whose mean colors are further apart belong to different light


def shifted(picture, offset):
    """`picture` (H, W, 3) float32 BGR 0..1, with `offset` (3,) added in LAB."""
    lab = cv2.cvtColor(picture, cv2.COLOR_BGR2LAB) + np.asarray(offset, np.float32)
    return np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2BGR), 0, 1)


class FrameColors:
    """The colors of the single face in each frame, measured when first asked for and kept. Any thread may ask.

    frames     of a video, in order
    only_face  place in `frames` -> landmarks (68, 2) of its single face
    """

    def __init__(self, frames: Sequence[Path], only_face: Callable[[int], np.ndarray]):
        self.frames, self.only_face = frames, only_face
        self.lock = threading.Lock()
        self.measured: dict[int, Future] = {}

    def offset(self, place: int, window: range, smoothing: int) -> np.ndarray | None:
        """What smoothing over `window`, places around `place`, adds there, (3,) LAB; None for nothing."""
        places = self.same_light(place, window)
        if len(places) < 2:
            return None
        weights = smoothing_weights([other - place for other in places], smoothing, degree=1)
        return weights @ np.array([self.at(other) for other in places]) - self.at(place)

    def same_light(self, place: int, window: range) -> list[int]:
        """The part of `window` that is reached from `place` without a jump of the colors; empty if it cannot be measured."""
        if place not in window or self.at(place) is None:
            return []
        places = [place]
        for step in (-1, 1):
            here = place
            while here + step in window and self.alike(here, here + step):
                here += step
                places.append(here)
        return sorted(places)

    def alike(self, here: int, there: int) -> bool:
        one, other = self.at(here), self.at(there)
        return other is not None and np.abs(one - other).max() <= JUMP

    def at(self, place: int) -> np.ndarray | None:
        """Mean LAB, (3,); None where there is nothing to measure."""
        with self.lock:
            first = place not in self.measured
            future = self.measured.setdefault(place, Future())
        if first:
            future.set_result(self.measure(place))
        return future.result()

    def measure(self, place: int) -> np.ndarray | None:
        try:
            crop = crop_face(read_frame(self.frames[place]), self.only_face(place), MEASURED)
        except (OSError, UnreadableFrame, FlatLandmarks):  # merging that frame itself will report it
            return None
        return cv2.cvtColor(crop.color_source(), cv2.COLOR_BGR2LAB)[oval()].mean(axis=0, dtype=np.float64)


def oval() -> np.ndarray:
    """Pixels of the square that are measured, (n, n) bool."""
    inside = np.zeros((MEASURED.resolution,) * 2, np.uint8)
    return cv2.ellipse(inside, *OVAL, 0, 0, 360, 1, cv2.FILLED) > 0
