"""What the neighbours of a frame say about its face: how it moves, and where it was and will be."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from dfl_cli.merge.pixels.color_smoothing import FrameColors
from dfl_cli.merge.pixels.motion import STILL, Motion, jumps, motion_between, smoothing_weights
from samplers.geometry.align import FlatLandmarks


class Tracks:
    """The frames of a video in order, and the faces in them.

    A track is a run of frames with exactly one face each, which nowhere jumps. Everything here is a function of the frame and its
    neighbours alone, so it does not matter where a batch begins.
    """

    def __init__(self, frames: Sequence[Path], faces: Mapping[str, Sequence[np.ndarray]]):
        """`faces`: stem -> landmarks (68, 2) of the faces of that frame."""
        self.frames = frames
        self.faces = faces
        self.places = {path.stem: place for place, path in enumerate(frames)}
        self.colors = FrameColors(frames, self.only_face)

    def landmarks(self, path: Path, smoothing: int) -> Sequence[np.ndarray]:
        """The faces of the frame at `path`, (68, 2) each; a single one smoothed over `smoothing` frames to each side."""
        faces = self.faces.get(path.stem, ())
        window = self.window(path, smoothing)
        if len(window) < 2:
            return faces
        place = self.places[path.stem]
        weights = smoothing_weights([other - place for other in window], smoothing, degree=2)
        return [np.einsum("n,nij->ij", weights, [self.only_face(other) for other in window]).astype(np.float32)]

    def color_offset(self, path: Path, smoothing: int) -> np.ndarray | None:
        """What smoothing over `smoothing` frames to each side adds to the colors of the single face at `path`, (3,) LAB; None: nothing.

        The frames around are read for it, each of them once.
        """
        window = self.window(path, smoothing)
        return self.colors.offset(self.places[path.stem], window, smoothing) if len(window) > 1 else None

    def motion(self, path: Path) -> Motion:
        """How the face moves from the frame before to the frame after; STILL unless all three have exactly one face."""
        place = self.places.get(path.stem)
        if place is None:
            return STILL
        around = [self.only_face(min(max(place + step, 0), len(self.frames) - 1)) for step in (-1, 0, 1)]
        if any(face is None for face in around):
            return STILL
        try:
            return motion_between(around[0], around[2])
        except FlatLandmarks:
            return STILL

    def window(self, path: Path, reach: int) -> range:
        """The places in `frames` of the track around `path`, up to `reach` to each side; empty where its faces are not exactly one."""
        place = self.places.get(path.stem)
        if place is None or self.only_face(place) is None:
            return range(0)
        return range(self.edge(place, -1, reach), self.edge(place, 1, reach) + 1)

    def edge(self, place: int, step: int, reach: int) -> int:
        """How far the track goes on from `place` in the direction `step`, at most `reach` frames."""
        for _ in range(reach):
            here, there = self.only_face(place), self.only_face(place + step)
            if there is None or jumps(here, there):
                break
            place += step
        return place

    def only_face(self, place: int) -> np.ndarray | None:
        """Landmarks (68, 2) of the single face at `place`; None beyond the ends and where there are none or several."""
        if not 0 <= place < len(self.frames):
            return None
        faces = self.faces.get(self.frames[place].stem, ())
        return faces[0] if len(faces) == 1 else None
