"""68 landmarks by way of MediaPipe's mesh of 478 points."""

from __future__ import annotations

import math
from functools import cache

import cv2
import numpy as np

from dfl_cli.face_networks.bundled import SHA256, read_net, tables
from dfl_cli.face_networks.crops import warp
from dfl_cli.face_networks.protocols import Box, Located

SIDE = 256  # pixels of the network's input
ROOM = 1.5  # side of the crop / longer side of the face
HOPELESS = -8.0  # presence, below which there is no face and a better crop changes nothing
OUTER_EYES = (33, 263)  # mesh points of the outer corners, that at the left of an upright face's picture first


class Mesh:
    """A landmark network; it belongs to one thread."""

    def __init__(self):
        self.name = f"mesh {SHA256['mesh'][:12]}"
        self._net = read_net("mesh")
        self._outputs = self._net.getUnconnectedOutLayersNames()

    def locate(self, picture: np.ndarray, box: Box) -> Located | None:
        side = ROOM * max(box.width, box.height)
        mesh, presence = self.run(picture, box.center, side, box.angle)
        return self.centered(picture, mesh) if presence > HOPELESS else None

    def follow(self, picture: np.ndarray, before: Located) -> Located | None:
        if before.mesh is not None:
            return self.centered(picture, before.mesh)
        points = np.asarray(before.landmarks, np.float32)
        right_eye, left_eye = points[36:42].mean(axis=0), points[42:48].mean(axis=0)
        mesh, presence = self.run(picture, *region(points, left_eye - right_eye))
        return self.centered(picture, mesh) if presence > HOPELESS else None

    def centered(self, picture: np.ndarray, mesh: np.ndarray) -> Located:
        """The face once more, from crops that `mesh` centers and turns upright.

        The mean of two passes: the third differs from the second by as much as the network is unsure, 1 % of the eye distance.
        """
        second, surely = self.run(picture, *upright_region(mesh))
        third, presence = self.run(picture, *upright_region(second))
        mesh, presence = (second + third) / 2, (surely + presence) / 2
        return Located(landmarks_of(mesh), presence, mesh)

    def run(
        self, picture: np.ndarray, center: tuple[float, float], side: float, angle: float
    ) -> tuple[np.ndarray, float]:
        """The mesh (478, 3) in pixels of `picture`, and the presence, seen in a square crop turned by `angle`."""
        cosine, sine, scale = math.cos(angle), math.sin(angle), max(side, 1.0) / SIDE
        turn = np.float64([[cosine, -sine], [sine, cosine]]) * scale
        back = np.c_[turn, np.float64(center) - turn @ (SIDE / 2, SIDE / 2)]  # from the crop to the picture
        crop = warp(picture, cv2.invertAffineTransform(back), SIDE)
        rgb = cv2.cvtColor(crop, cv2.COLOR_BGR2RGB)
        self._net.setInput(np.divide(rgb[None], 255, dtype=np.float32))
        points, presence, _ = self._net.forward(self._outputs)
        points = points.reshape(-1, 3)
        flat = points[:, :2] @ back[:, :2].T + back[:, 2]
        return np.c_[flat, points[:, 2] * scale].astype(np.float32), float(presence.ravel()[0])


def upright_region(mesh: np.ndarray) -> tuple[tuple[float, float], float, float]:
    right_eye, left_eye = mesh[OUTER_EYES, :2]
    return region(mesh[:, :2], left_eye - right_eye)


def region(points: np.ndarray, eye_line: np.ndarray) -> tuple[tuple[float, float], float, float]:
    """Center, side and angle of the upright square around `points` (N, 2) of a face whose eyes lie along `eye_line`."""
    angle = math.atan2(eye_line[1], eye_line[0])
    cosine, sine = math.cos(angle), math.sin(angle)
    upright = points @ np.float64([[cosine, -sine], [sine, cosine]])  # turned by -angle
    low, high = upright.min(axis=0), upright.max(axis=0)
    x, y = (low + high) / 2
    return (x * cosine - y * sine, x * sine + y * cosine), ROOM * float(max(high - low)), angle


def landmarks_of(mesh: np.ndarray) -> np.ndarray:
    """(68, 2) float32: each the mean of one or two mesh points."""
    return (mean_of_points() @ mesh[:, :2]).astype(np.float32)


@cache
def mean_of_points() -> np.ndarray:
    """(68, 478) float32, rows that add up to 1."""
    means = np.zeros((68, 478), np.float32)
    for row, points in enumerate(tables()["mesh_to_68"]):
        means[row, points] = 1 / len(points)
    return means
