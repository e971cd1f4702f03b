"""The faces of a frame: boxes, landmarks, identity and expression, whichever way up the frame is.

What was seen in the frame before helps: a face is found again where it was, also when the detector misses it.
"""

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
MOVED = 0.5  # of the size of a face: how far it may go in one frame
IDENTITY_FRAMES = 4  # the identity of a face is computed in one of so many frames while it can be followed
STEADY, STEADY_FRAMES = 10.0, 8  # presence of a face that is seen well, and the same number for it
CUT = 20  # gray levels by which thumbnails differ on average when the shot changes


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
    identity: np.ndarray | None = None
    age: int = 0  # frames since its identity was computed
    expression: np.ndarray | None = None

    @property
    def is_sure(self) -> bool:
        return self.located.presence > SURE

    @property
    def center(self) -> np.ndarray:
        return self.located.landmarks.mean(axis=0)

    @property
    def size(self) -> float:
        return float(np.ptp(self.located.landmarks, axis=0).max())


@dataclass(frozen=True, eq=False)
class Sighting:
    """What was seen in a frame."""

    candidates: tuple[Candidate, ...]
    turn: int  # degrees clockwise by which the frame was turned for it
    thumbnail: np.ndarray  # (8, 8) uint8 gray
    shape: tuple[int, int]  # of the frame, not turned: height, width

    @property
    def faces(self) -> tuple[FaceRecord, ...]:
        """The faces, the largest first; those that are not sure are among them."""
        return tuple(sorted((record_of(one, self) for one in self.candidates), key=lambda face: -face.area))


def look_at(
    picture: np.ndarray,
    networks: FaceNetworks,
    before: Sighting | None = None,
    *,
    coarse: bool = False,
    alone: bool = False,
) -> Sighting:
    """The faces of `picture` (H, W, 3) uint8 BGR.

    before  what was seen in the frame before it
    coarse  while the faces of that frame can be followed, a new one may be missed if it is small
    alone   no other frame shows the same scene: what is missed here is missed for good
    """
    small = thumbnail(picture)
    if before is not None and is_cut(before, picture.shape[:2], small):
        before = None
    found, turn = look_all_ways(picture, networks, before, coarse=coarse, alone=alone)
    upright = turned(picture, turn)
    return Sighting(tuple(described(upright, one, networks) for one in found), turn, small, picture.shape[:2])


def is_cut(before: Sighting, shape: tuple[int, int], small: np.ndarray) -> bool:
    """Whether a picture of `shape` (height, width) with the thumbnail `small` begins another shot."""
    return before.shape != shape or differs(small, before.thumbnail)


def look_all_ways(
    picture: np.ndarray, networks: FaceNetworks, before: Sighting | None, *, coarse: bool, alone: bool
) -> tuple[list[Candidate], int]:
    """The faces, and how the frame was turned for them: as the frame before it if that gives a face, else as is best."""
    first = before.turn if before else 0
    upright, known = turned(picture, first), before.candidates if before else ()
    if coarse and (found := look_coarsely(upright, networks, known)):
        return found, first
    found, turn = look(upright, networks, known, closely=alone), first
    if surest(found) >= DOUBTFUL:
        return found, turn
    for degrees in [other for other in (0, *TURNS) if other != first]:
        other = look(turned(picture, degrees), networks, thorough=degrees == 0)
        if surest(other) > max(surest(found), SURE):
            found, turn = other, degrees
        if surest(found) >= DOUBTFUL:
            break
    return found, turn


def turned(picture: np.ndarray, degrees: int) -> np.ndarray:
    return picture if degrees == 0 else cv2.rotate(picture, TURNS[degrees])


def surest(found: Sequence[Candidate]) -> float:
    return max((face.located.presence for face in found), default=-np.inf)


def look(
    picture: np.ndarray,
    networks: FaceNetworks,
    before: Sequence[Candidate] = (),
    *,
    thorough: bool = True,
    closely: bool = False,
) -> list[Candidate]:
    """The faces that are about upright. thorough: look closer where there seems to be none, or a small one; closely: always."""
    boxes = networks.detector.find(picture)
    found = followed(picture, boxes, networks, before)
    has_small = any(min(box.width, box.height) < SMALL for box in boxes)
    if closely or (thorough and (has_small or not any(face.is_sure for face in found))):
        found = without_doubles([*found, *located(picture, networks.detector.search(picture), networks)])
    return found


def look_coarsely(picture: np.ndarray, networks: FaceNetworks, before: Sequence[Candidate]) -> list[Candidate]:
    """Like `look`, at less cost; nothing unless all faces from the frame before are there and sure."""
    if not before or not all(face.is_sure for face in before):
        return []
    found = followed(picture, networks.detector.find(picture, coarse=True), networks, before)
    all_there = sum(face.is_sure for face in found) >= len(before) and surest(found) >= DOUBTFUL
    return found if all_there else []


def followed(
    picture: np.ndarray, boxes: Sequence[Box], networks: FaceNetworks, before: Sequence[Candidate]
) -> list[Candidate]:
    """The faces in `boxes`, those known from the frame before found by their landmarks, and the ones that have no box any more."""
    rest, again, found = [one for one in before if one.is_sure], [], []
    for box in boxes:
        known = next((one for one in rest if is_near(box, one)), None)
        face = follow(picture, box, known, networks) if known else None
        if face is None:
            again.append(box)
        else:
            rest.remove(known)
            found.append(face)
    found += located(picture, again, networks)
    for known in rest:
        face = follow(picture, known.box, known, networks)
        if face is not None:
            found.append(face)
    return without_doubles(found)


def is_near(box: Box, face: Candidate) -> bool:
    distance = np.abs(np.subtract(box.center, face.box.center)).max()
    return bool(distance < MOVED * face.size and 0.5 < box.height / max(face.box.height, 1e-6) < 2)


def follow(picture: np.ndarray, box: Box, known: Candidate, networks: FaceNetworks) -> Candidate | None:
    """The face `known` from the frame before; None unless it surely is there."""
    found = networks.landmarks.follow(picture, known.located)
    if found is None or found.presence < DOUBTFUL or not is_possible(box, found, picture.shape[:2]):
        return None
    face = Candidate(box, found, known.identity, known.age + 1)
    if np.linalg.norm(face.center - known.center) > MOVED * known.size:
        return None
    left, top = found.landmarks.min(axis=0)
    right, bottom = found.landmarks.max(axis=0)
    inside = left < box.center[0] < right and top - 0.5 * (bottom - top) < box.center[1] < bottom
    return face if inside else None


def located(picture: np.ndarray, boxes: Iterable[Box], networks: FaceNetworks) -> list[Candidate]:
    """Those of `boxes` that show a face, or perhaps one."""
    found = [(box, networks.landmarks.locate(picture, box)) for box in boxes]
    return [Candidate(box, one) for box, one in found if one is not None and is_possible(box, one, picture.shape[:2])]


def is_possible(box: Box, found: Located, shape: tuple[int, int]) -> bool:
    sure = found.presence > SURE or (found.presence > PERHAPS and box.score >= CLEAR)
    return sure and landmark_fault(found.landmarks.astype(np.float64), shape) is None


def without_doubles(found: Sequence[Candidate]) -> list[Candidate]:
    """Of candidates with about the same landmarks the surest."""
    kept: list[Candidate] = []
    for one in sorted(found, key=lambda face: -face.located.presence):
        points = one.located.landmarks
        apart = (float(np.linalg.norm(points - other.located.landmarks, axis=1).mean()) for other in kept)
        if all(distance > NEAR * one.size for distance in apart):
            kept.append(one)
    return kept


def described(picture: np.ndarray, face: Candidate, networks: FaceNetworks) -> Candidate:
    """`face` with its expression, and its identity, which is that of the frame before while the face can be followed."""
    mesh = face.located.mesh
    face = replace(face, expression=None if mesh is None else networks.expression.values(mesh))
    if face.identity is not None and face.age < (STEADY_FRAMES if face.located.presence >= STEADY else IDENTITY_FRAMES):
        return face
    return replace(face, identity=networks.identity.vector(picture, face.located.landmarks), age=0)


def record_of(face: Candidate, sighting: Sighting) -> FaceRecord:
    box, found = face.box, face.located
    record = FaceRecord(
        box=(box.left, box.top, box.right, box.bottom),
        landmarks=found.landmarks,
        score=box.score,
        presence=found.presence,
        identity=face.identity,
        expression=face.expression,
    )
    return turned_back(record, sighting.turn, sighting.shape)


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
    """(8, 8) uint8 gray; of large pictures not all pixels are looked at."""
    step = max(min(picture.shape[:2]) // (16 * THUMBNAIL), 1)
    some = np.ascontiguousarray(picture[::step, ::step])
    return cv2.cvtColor(cv2.resize(some, (THUMBNAIL,) * 2, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)


def differs(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two thumbnails are of different shots."""
    return float(np.abs(one.astype(np.int16) - other).mean()) > CUT
