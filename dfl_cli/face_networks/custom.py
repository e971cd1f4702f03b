"""ONNX files that a person names in place of the networks that come with the program; OpenCV runs them.

Detectors are of YuNet's kind: whatever `cv2.FaceDetectorYN` takes. Landmark networks take one upright face, (1, 3, S, S) or
(1, S, S, 3) RGB 0..1, and give 68 points, (x, y) each, in pixels of the crop or as fractions of its side, or 68 heat maps.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.face_networks.crops import warp
from dfl_cli.face_networks.mesh import Mesh
from dfl_cli.face_networks.onnx_input import declared_shape
from dfl_cli.face_networks.protocols import Box, Located
from dfl_cli.face_networks.yunet import YuNet
from dfl_cli.translate import listed
from samplers.files.regular_file import read_regular

SIDES = (256, 192, 128, 112, 160, 224)  # pixels of the input, as tried
POINTS = 68
ROOM_FOR_POINTS, ROOM_FOR_MAPS = (
    1.25,
    2.0,
)  # side of the crop / longer side of the landmarks; FAN's training had the latter


class UnusableFaceNetwork(Exception):
    """The file at `path` is no such network; `details` is what it did."""

    def __init__(self, path: Path, details: str):
        super().__init__(f"{path}: {details}")
        self.path, self.details = path, details


def named(path: Path, content: bytes) -> str:
    return f"{path.name} {hashlib.sha256(content).hexdigest()[:12]}"


def open_detector(path: Path) -> YuNet:
    """Raises UnusableFaceNetwork, OSError."""
    content = read_regular(path)
    detector = YuNet(np.frombuffer(content, np.uint8), named(path, content))
    try:
        detector.boxes(np.zeros((320, 320, 3), np.uint8))
    except cv2.error as error:
        raise UnusableFaceNetwork(path, first_line(error)) from error
    return detector


class OnnxLandmarks:
    """A landmark network; it belongs to one thread. The mesh that comes with the program says whether there is a face, and where."""

    def __init__(self, path: Path):
        """Raises UnusableFaceNetwork, OSError."""
        content = read_regular(path)
        self.name = named(path, content)
        self._mesh = Mesh()
        try:
            self._net = cv2.dnn.readNetFromONNX(np.frombuffer(content, np.uint8))
        except cv2.error as error:
            raise UnusableFaceNetwork(path, first_line(error)) from error
        self._outputs = self._net.getUnconnectedOutLayersNames()
        self.side, self.channels_first, self.has_maps = self._probe(path, declared_shape(content))

    def locate(self, picture: np.ndarray, box: Box) -> Located | None:
        return self._precise(picture, self._mesh.locate(picture, box))

    def follow(self, picture: np.ndarray, before: Located) -> Located | None:
        return self._precise(picture, self._mesh.follow(picture, before))

    def _precise(self, picture: np.ndarray, found: Located | None) -> Located | None:
        """`found` with the landmarks of this network."""
        if found is None:
            return None
        eyes = found.landmarks[42:48].mean(axis=0) - found.landmarks[36:42].mean(axis=0)
        angle = math.atan2(eyes[1], eyes[0])
        turn = np.float64([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        upright = found.landmarks @ turn
        low, high = upright.min(axis=0), upright.max(axis=0)
        room = ROOM_FOR_MAPS if self.has_maps else ROOM_FOR_POINTS
        scaled = turn * max(room * float(max(high - low)), 1.0) / self.side
        center = np.full(2, (self.side - 1) / 2)
        back = np.c_[scaled, turn @ ((low + high) / 2) - scaled @ center]  # from the crop to the picture
        points = self._run(warp(picture, cv2.invertAffineTransform(back), self.side))
        if points is None:
            return None
        return Located((points @ back[:, :2].T + back[:, 2]).astype(np.float32), found.presence, found.mesh)

    def _run(self, crop: np.ndarray) -> np.ndarray | None:
        """(68, 2) pixels of the crop; None where they are not finite."""
        output = next(each for each in self._forward(crop, self.channels_first) if self._kind(each) is not None)
        points = points_of_maps(output, self.side) if self.has_maps else points_of_numbers(output, self.side)
        return points if np.isfinite(points).all() else None

    def _forward(self, crop: np.ndarray, channels_first: bool) -> list[np.ndarray]:
        rgb = crop[None, ..., ::-1].astype(np.float32) / 255
        self._net.setInput(np.ascontiguousarray(rgb.transpose(0, 3, 1, 2)) if channels_first else rgb)
        return list(self._net.forward(self._outputs))

    def _probe(self, path: Path, shape: tuple[int, ...] | None) -> tuple[int, bool, bool]:
        """Side of the input, whether its channels come first, and whether the output is heat maps."""
        problem = ""
        for side, channels_first in inputs(shape):
            try:
                outputs = self._forward(np.full((side, side, 3), 128, np.uint8), channels_first)
            except cv2.error as error:
                problem = problem or first_line(error)
                continue
            kinds = [kind for kind in map(self._kind, outputs) if kind is not None]
            if kinds:
                return side, channels_first, kinds[0] == "maps"
            problem = listed(str(each.shape) for each in outputs)
        raise UnusableFaceNetwork(path, problem)

    @staticmethod
    def _kind(output: np.ndarray) -> str | None:
        if output.size == 2 * POINTS:
            return "points"
        if output.ndim == 4 and output.shape[1] == POINTS and min(output.shape[2:]) >= 16:
            return "maps"
        return None


def inputs(shape: tuple[int, ...] | None) -> Iterator[tuple[int, bool]]:
    """(side, whether channels come first): as the file declares it, else those that are usual."""
    sizes = set(shape or ()) - {0, 1, 3}
    sides = [sizes.pop()] if len(sizes) == 1 else SIDES
    for side in sides:
        yield side, True
        yield side, False


def points_of_numbers(output: np.ndarray, side: int) -> np.ndarray:
    """(68, 2) pixels of the crop; small numbers are fractions of its side, from 0 to 1 or from -1 to 1."""
    points = output.reshape(POINTS, 2).astype(np.float64)
    if np.abs(points).max() > 2:
        return points
    return (points + 1) / 2 * (side - 1) if points.min() < -0.25 else points * (side - 1)


def points_of_maps(output: np.ndarray, side: int) -> np.ndarray:
    """(68, 2) pixels of the crop: the middle of each map's peak."""
    maps = output.reshape(POINTS, *output.shape[2:])
    height, width = maps.shape[1:]
    rows, columns = np.divmod(maps.reshape(POINTS, -1).argmax(axis=1), width)
    points = np.empty((POINTS, 2))
    for number, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        top, left = max(row - 2, 0), max(column - 2, 0)
        part = maps[number, top : row + 3, left : column + 3].astype(np.float64)
        part = np.maximum(part - part.min(), 0) + 1e-12
        y, x = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]]
        points[number] = (x * part).sum() / part.sum(), (y * part).sum() / part.sum()
    return (points + 0.5) * (side / width, side / height) - 0.5


def first_line(error: cv2.error) -> str:
    return str(error.err or error).strip().partition("\n")[0][:200]
