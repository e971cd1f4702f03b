"""What the face networks read in pictures: who it is, where everything is, which expression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.evaluate.faces import ScoredFace, Tick, nothing
from dfl_cli.evaluate.metrics.pose import angles
from dfl_cli.face_networks.expression import Expression
from dfl_cli.face_networks.identity import Identity
from dfl_cli.face_networks.mesh import Mesh, landmarks_of, region
from dfl_cli.face_networks.protocols import Located
from samplers.geometry.align import resized_matrix, resized_points, transform_matrix, transform_points
from samplers.geometry.face_types import FaceType

FULL = 256  # pixels of the square in which a face of src is read for its truth


class Reading(NamedTuple):
    """Of one picture; positions in its pixels."""

    identity: np.ndarray  # (128,) length 1
    mesh: np.ndarray  # (478, 3)
    expression: np.ndarray  # (52,) 0..1
    presence: float  # above 0: a face
    landmarks: np.ndarray  # (68, 2)
    angles: np.ndarray  # (3,) degrees: yaw, pitch, roll


class Readings(NamedTuple):
    """Of N pictures, each field with N rows."""

    identity: np.ndarray
    mesh: np.ndarray
    expression: np.ndarray
    presence: np.ndarray
    landmarks: np.ndarray
    angles: np.ndarray


class Reader:
    """The networks; they belong to one thread."""

    def __init__(self):
        self._mesh, self._expression, self._identity = Mesh(), Expression(), Identity()

    def read(self, picture: np.ndarray, landmarks: np.ndarray) -> Reading:
        """Of a square picture (H, H, 3), float 0..1 or uint8, whose face is about at `landmarks` (68, 2)."""
        picture = as_bytes(picture)
        located = self._mesh.follow(picture, Located(np.float32(landmarks), 0.0)) or self.hopeless(picture, landmarks)
        identity = self._identity.vector(picture, located.landmarks)
        return Reading(
            identity,
            located.mesh,
            self._expression.values(located.mesh),
            located.presence,
            located.landmarks,
            angles(located.landmarks, picture.shape[1]),
        )

    def hopeless(self, picture: np.ndarray, landmarks: np.ndarray) -> Located:
        """What the mesh network makes of a picture without a face."""
        points = np.float32(landmarks)
        eyes = points[42:48].mean(axis=0) - points[36:42].mean(axis=0)
        mesh, presence = self._mesh.run(picture, *region(points, eyes))
        return Located(landmarks_of(mesh), presence, mesh)

    def read_all(
        self, pictures: Sequence[np.ndarray], landmarks: Sequence[np.ndarray], tick: Tick = nothing
    ) -> Readings:
        """tick: called after each."""
        found = []
        for picture, points in zip(pictures, landmarks, strict=True):
            found.append(self.read(picture, points))
            tick()
        return Readings(*(np.stack(rows) for rows in zip(*found, strict=True)))

    def read_faces(self, faces: Sequence[ScoredFace], tick: Tick = nothing) -> Readings:
        """As the network is shown them."""
        return self.read_all([one.image for one in faces], [one.landmarks for one in faces], tick)

    def read_in_full(self, faces: Sequence[ScoredFace], face_type: FaceType, tick: Tick = nothing) -> Readings:
        """The same squares cut from the pictures in the size they were extracted in; positions as in `read_faces`."""
        found = []
        for one in faces:
            picture, landmarks = in_full(one, face_type)
            found.append(rescaled(self.read(picture, landmarks), len(one.image) / FULL))
            tick()
        return Readings(*(np.stack(rows) for rows in zip(*found, strict=True)))


def in_full(one: ScoredFace, face_type: FaceType) -> tuple[np.ndarray, np.ndarray]:
    """A picture (FULL, FULL, 3) uint8 of the face cut to `face_type`, and its landmarks there. Raises UnreadableImage."""
    picture = one.face.read()
    if one.face.face_type == face_type:
        matrix = resized_matrix(np.eye(2, 3), FULL / picture.shape[1])
    else:
        matrix = transform_matrix(one.face.landmarks, FULL, face_type)
    picture = cv2.warpAffine(picture, matrix, (FULL, FULL), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return picture, transform_points(one.face.landmarks, matrix)


def rescaled(reading: Reading, scale: float) -> Reading:
    """With positions in pixels of a picture of another size."""
    mesh = reading.mesh * scale
    mesh[:, :2] = resized_points(reading.mesh[:, :2], scale)
    return reading._replace(mesh=mesh, landmarks=resized_points(reading.landmarks, scale))


def as_bytes(picture: np.ndarray) -> np.ndarray:
    if picture.dtype == np.uint8:
        return picture
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
