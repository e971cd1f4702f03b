"""The faces of one frame: boxes, landmarks, identity and expression, whichever way up the frame is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from dfl_cli.extract.records import SURE, THUMBNAIL, FaceRecord
from dfl_cli.face_networks.expression import Expression
from dfl_cli.face_networks.identity import Identity
from dfl_cli.face_networks.protocols import Box, Detector, Landmarks, Located
from dfl_cli.face_networks.yunet import SMALL
from samplers.geometry.landmarks import landmark_fault

TURNS = {
    90: cv2.ROTATE_90_CLOCKWISE,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
    180: cv2.ROTATE_180,
}  # degrees clockwise, as tried
PERHAPS = -4.0  # presence down to which a box with a score of CLEAR is kept as uncertain: most are profiles
CLEAR = 0.8
DOUBTFUL = 4.0  # presence below which a face may be seen upside down, its mouth taken for the eyes
NEAR = 0.25  # of the size of a face: landmarks that differ by less on average are those of one face


@dataclass(frozen=True)
class FaceNetworks:
    """Networks for one thread."""

    detector: Detector
    landmarks: Landmarks
    identity: Identity
    expression: Expression

    @property
    def name(self) -> str:
        return f"{self.detector.name} + {self.landmarks.name}"


@dataclass(frozen=True, eq=False)
class Candidate:
    """A face in a frame as it was looked at, perhaps turned."""

    box: Box
    located: Located

    @property
    def is_sure(self) -> bool:
        return self.located.presence > SURE


def find_faces(picture: np.ndarray, networks: FaceNetworks) -> tuple[FaceRecord, ...]:
    """The faces of `picture` (H, W, 3) uint8 BGR, the largest first; those that are not sure are among them."""
    found, turn = look(picture, networks), 0
    if surest(found) < DOUBTFUL:
        for degrees, way in TURNS.items():
            turned = look(cv2.rotate(picture, way), networks, thorough=False)
            if surest(turned) > max(surest(found), SURE):
                found, turn = turned, degrees
            if surest(found) >= DOUBTFUL:
                break
    upright = picture if turn == 0 else cv2.rotate(picture, TURNS[turn])
    records = [record_of(upright, face, networks) for face in found]
    back = [turned_back(record, turn, picture.shape[:2]) for record in records]
    return tuple(sorted(back, key=lambda face: -face.area))


def surest(found: Sequence[Candidate]) -> float:
    return max((face.located.presence for face in found), default=-np.inf)


def look(picture: np.ndarray, networks: FaceNetworks, *, thorough: bool = True) -> list[Candidate]:
    """The faces that are about upright. thorough: look closer where there seems to be none, or a small one."""
    boxes = networks.detector.find(picture)
    found = candidates(picture, boxes, networks)
    has_small = any(min(box.width, box.height) < SMALL for box in boxes)
    if thorough and (has_small or not any(face.is_sure for face in found)):
        found = candidates(picture, networks.detector.search(picture), networks, known=found)
    return found


def candidates(
    picture: np.ndarray, boxes: Iterable[Box], networks: FaceNetworks, known: Sequence[Candidate] = ()
) -> list[Candidate]:
    """Those of `boxes` that show a face, or perhaps one, and the `known` ones; each face once."""
    found = list(known)
    for box in boxes:
        located = networks.landmarks.locate(picture, box)
        if located is not None and is_possible(box, located, picture.shape[:2]):
            found.append(Candidate(box, located))
    return without_doubles(found)


def is_possible(box: Box, located: Located, shape: tuple[int, int]) -> bool:
    sure = located.presence > SURE or (located.presence > PERHAPS and box.score >= CLEAR)
    return sure and landmark_fault(located.landmarks.astype(np.float64), shape) is None


def without_doubles(found: Sequence[Candidate]) -> list[Candidate]:
    """Of candidates with about the same landmarks the surest."""
    kept: list[Candidate] = []
    for one in sorted(found, key=lambda face: -face.located.presence):
        points = one.located.landmarks
        size = float(np.ptp(points, axis=0).max())
        apart = (float(np.linalg.norm(points - other.located.landmarks, axis=1).mean()) for other in kept)
        if all(distance > NEAR * size for distance in apart):
            kept.append(one)
    return kept


def record_of(picture: np.ndarray, face: Candidate, networks: FaceNetworks) -> FaceRecord:
    box, located = face.box, face.located
    return FaceRecord(
        box=(box.left, box.top, box.right, box.bottom),
        landmarks=located.landmarks,
        score=box.score,
        presence=located.presence,
        identity=networks.identity.vector(picture, located.landmarks),
        expression=None if located.mesh is None else networks.expression.values(located.mesh),
    )


def turned_back(face: FaceRecord, turn: int, shape: tuple[int, int]) -> FaceRecord:
    """`face`, found in a frame of `shape` (height, width) turned clockwise by `turn` degrees, as it is in the frame."""
    if turn == 0:
        return face
    corners = points_back(np.float64(face.box).reshape(2, 2), turn, shape)
    box = (*corners.min(axis=0).tolist(), *corners.max(axis=0).tolist())
    return replace(face, box=box, landmarks=points_back(face.landmarks, turn, shape).astype(np.float32), turn=turn)


def points_back(points: np.ndarray, turn: int, shape: tuple[int, int]) -> np.ndarray:
    """`points` (N, 2) of a frame of `shape` (height, width) turned clockwise by `turn` degrees, before it was turned."""
    (x, y), (height, width) = points.T, shape
    match turn:
        case 90:
            return np.stack([y, height - 1 - x], axis=1)
        case 180:
            return np.stack([width - 1 - x, height - 1 - y], axis=1)
    return np.stack([width - 1 - y, x], axis=1)


def thumbnail(picture: np.ndarray) -> np.ndarray:
    """(8, 8) uint8 gray."""
    return cv2.cvtColor(cv2.resize(picture, (THUMBNAIL,) * 2, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
