"""What a person does to the faces of a frame: draw a box, move points, take a face away. Records never change; new ones are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from dfl_cli.extract.analysis import TURNS, FaceNetworks, points_back, turned, turned_back
from dfl_cli.extract.cut import crop_face
from dfl_cli.extract.records import FaceRecord, FrameRecord
from dfl_cli.face_networks.protocols import Box
from samplers.geometry.align import transform_matrix
from samplers.geometry.face_types import FaceType

Corners = tuple[float, float, float, float]  # left, top, right, bottom; pixels of the frame


def face_in_box(picture: np.ndarray, box: Corners, networks: FaceNetworks) -> FaceRecord | None:
    """The face in a box that a person drew in `picture` (H, W, 3), whichever way up it is; None where no landmarks can be put."""
    found = [face for degrees in (0, *TURNS) if (face := face_turned(picture, box, degrees, networks)) is not None]
    return max(found, key=lambda face: face.presence, default=None)


def face_turned(picture: np.ndarray, box: Corners, degrees: int, networks: FaceNetworks) -> FaceRecord | None:
    """The face in the box if the frame is turned clockwise by `degrees`."""
    shape = picture.shape[:2]
    upright = turned(picture, degrees)
    around = box if degrees == 0 else box_forward(box, degrees, shape)
    found = networks.landmarks.locate(upright, Box(*around, score=1.0))
    if found is None or not np.isfinite(found.landmarks).all():
        return None
    expression = None if found.mesh is None else networks.expression.values(found.mesh)
    face = FaceRecord(around, np.float32(found.landmarks), 1.0, float(found.presence), None, expression, by_hand=True)
    face = turned_back(face, degrees, shape)
    return with_identity(picture, replace(face, box=tuple(map(float, box))), networks)


def box_forward(box: Corners, degrees: int, shape: tuple[int, int]) -> Corners:
    """The box in the frame of `shape` (height, width) after it was turned clockwise by `degrees`."""
    sizes = shape[::-1] if degrees != 180 else shape
    corners = points_back(np.float64(box).reshape(2, 2), 360 - degrees, sizes)
    return (*corners.min(axis=0).tolist(), *corners.max(axis=0).tolist())


def with_identity(picture: np.ndarray, face: FaceRecord, networks: FaceNetworks) -> FaceRecord:
    """`face` with the identity that its landmarks give, after they were moved; the network itself turns the face upright."""
    return replace(face, identity=networks.identity.vector(picture, face.landmarks))


def with_points(face: FaceRecord, moved: Mapping[int, tuple[float, float]]) -> FaceRecord:
    """`face` with some of its 68 points elsewhere. moved: number of the point, from 0 -> pixels of the frame."""
    points = face.landmarks.copy()
    for number, place in moved.items():
        points[number] = place
    return replace(face, landmarks=points, by_hand=True)


def shifted(face: FaceRecord, by: tuple[float, float]) -> FaceRecord:
    """`face` moved as a whole, with its box; `by`: pixels to the right and down."""
    right, down = by
    left, top, end, bottom = face.box
    box = (left + right, top + down, end + right, bottom + down)
    return replace(face, box=box, landmarks=np.float32(face.landmarks + np.float32(by)), by_hand=True)


def replaced(frame: FrameRecord, number: int, face: FaceRecord) -> tuple[FaceRecord, ...]:
    """The faces of `frame` with another one at `number`, or with one more where that is their count."""
    faces = list(frame.faces)
    faces[number : number + 1] = [face]
    return tuple(sorted(faces, key=lambda one: -one.area))


def removed(frame: FrameRecord, number: int) -> tuple[FaceRecord, ...]:
    return (*frame.faces[:number], *frame.faces[number + 1 :])


def aligned_crop(picture: np.ndarray, landmarks: np.ndarray, face_type: str, size: int) -> np.ndarray:
    """(size, size, 3): what the face will look like in the face set. face_type: as in questions. Raises FlatLandmarks."""
    matrix = transform_matrix(np.asarray(landmarks, np.float64), size, FaceType.from_short(face_type))
    return crop_face(picture, matrix, size, classic=False)
