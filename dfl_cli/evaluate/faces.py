"""Which faces an evaluation looks at, and their pictures at the network's resolution."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from dfl_cli.frames import time_key
from samplers.files.face import Face, UnreadableImage, reason_of
from samplers.files.faces import Skipped
from samplers.files.reason import Fault, Reason
from samplers.geometry.align import FlatLandmarks, resized_points, transform_matrix, transform_points
from samplers.geometry.face_types import FaceType
from samplers.pose_coverage import evenly
from samplers.prepared_face import prepare
from samplers.xseg.held_out import Moment, moment_of

STRETCH = 20  # frames that are chosen together, so that what changes from frame to frame can be seen
CENTROID = 100  # faces of src whose mean is src
REAL = 50  # other faces of src that show what can be reached


class Square(NamedTuple):
    """What a model is shown."""

    resolution: int
    face_type: FaceType
    smooth: bool  # see `samplers.prepared_face.prepare`

    @classmethod
    def of(cls, options) -> Square:
        """From the options of a model."""
        return cls(
            options["resolution"], FaceType.from_short(options["face_type"]), options.get("corrected_samples", False)
        )


class ScoredFace(NamedTuple):
    """A face as the model is shown it; R is the network's resolution."""

    name: str  # of its frame, of its file where that is unknown
    image: np.ndarray  # (R, R, 3) float32 0..1
    mask: np.ndarray  # (R, R, 1) float32 0..1
    landmarks: np.ndarray  # (68, 2) pixels of `image`
    face: Face


class Chosen(NamedTuple):
    """A selection of dst's faces, in the order of their frames."""

    faces: list[ScoredFace]
    neighbors: np.ndarray  # (N,) bool: this face is in the frame that follows the one of the face before
    skipped: list[Skipped]


class SrcFaces(NamedTuple):
    """Real faces of src; the two have none in common unless there is but one."""

    centroid: list[ScoredFace]
    real: list[ScoredFace]
    skipped: list[Skipped]


Tick = Callable[[], None]


def nothing() -> None:
    """For whoever does not watch."""


def in_order(faces: Iterable[Face]) -> list[Face]:
    """By frame, one of each: the first by name where several were cut from one. Faces without a frame go by their own names."""
    ordered = sorted(faces, key=lambda face: (time_key(face.source_filename or face.name), time_key(face.name)))
    seen: set[str] = set()
    return [
        face for face in ordered if not (face.source_filename in seen or seen.add(face.source_filename or face.name))
    ]


def in_stretches(count: int, most: int) -> list[int]:
    """Numbers below `count`: all, or about `most` in stretches of `STRETCH` that lie evenly over the whole."""
    if count <= most:
        return list(range(count))
    stretches = max(1, most // STRETCH)
    length = most // stretches
    starts = np.linspace(0, count - length, stretches).round().astype(int)
    return [int(start) + step for start in starts for step in range(length)]


def choose(faces: Iterable[Face], *, every: int, most: int) -> list[Face]:
    """Every `every`-th of dst's faces in the order of their frames, `most` of those at most."""
    ordered = in_order(faces)[::every]
    return [ordered[number] for number in in_stretches(len(ordered), most)]


def follow_one_another(faces: Sequence[Face], step: int = 1) -> np.ndarray:
    """(N,) bool: whether each face is `step` frames after the one before it. Where no frame has a number all are."""
    moments = [moment_of(face) for face in faces]
    if not any(moments):
        return np.arange(len(faces)) > 0
    return np.array([False, *(after(*two, step) for two in pairwise(moments))][: len(faces)])


def after(one: Moment | None, other: Moment | None, step: int) -> bool:
    return bool(one and other and one.series == other.series and other.frame - one.frame == step)


def dst_faces(faces: Iterable[Face], square: Square, *, every: int, most: int) -> Chosen:
    """The faces of dst that are scored; those that cannot be read are skipped."""
    prepared, skipped = prepared_faces(choose(faces, every=every, most=most), square)
    return Chosen(prepared, follow_one_another([one.face for one in prepared], every), skipped)


def src_faces(faces: Iterable[Face], square: Square) -> SrcFaces:
    """`CENTROID` and `REAL` faces of src, spread over the whole set and never the same."""
    chosen = evenly(in_order(faces), CENTROID + REAL)
    real = chosen[1::3] if len(chosen) > 2 else chosen
    taken = {id(face) for face in real} if len(chosen) > 2 else set()
    centroid = [face for face in chosen if id(face) not in taken]
    (centroid, skipped), (real, more) = (prepared_faces(some, square) for some in (centroid, real))
    return SrcFaces(centroid, real, [*skipped, *more])


def same_faces(first: Chosen, second: Chosen, step: int) -> tuple[Chosen, Chosen]:
    """The faces of dst that could be prepared for both of two squares; step: see `follow_one_another`."""
    both = shared(first.faces, second.faces)
    follows = follow_one_another([one.face for one in both[0]], step)
    return tuple(Chosen(faces, follows, some.skipped) for faces, some in zip(both, (first, second), strict=True))


def same_src_faces(first: SrcFaces, second: SrcFaces) -> tuple[SrcFaces, SrcFaces]:
    """The faces of src that could be prepared for both of two squares."""
    centroids, reals = shared(first.centroid, second.centroid), shared(first.real, second.real)
    chosen = zip(centroids, reals, (first, second), strict=True)
    return tuple(SrcFaces(centroid, real, some.skipped) for centroid, real, some in chosen)


def shared(first: Sequence[ScoredFace], second: Sequence[ScoredFace]) -> tuple[list[ScoredFace], list[ScoredFace]]:
    """Those of either that are pictures of the same faces."""
    kept = {id(one.face) for one in first} & {id(one.face) for one in second}
    return tuple([one for one in some if id(one.face) in kept] for some in (first, second))


def prepared_faces(faces: Iterable[Face], square: Square) -> tuple[list[ScoredFace], list[Skipped]]:
    """Their pictures, and those that cannot be used."""
    prepared, skipped = [], []
    for face in faces:
        try:
            prepared.append(prepared_face(face, square))
        except UnreadableImage as error:
            skipped.append(Skipped(face.name, error.reason))
        except FlatLandmarks:
            skipped.append(Skipped(face.name, Reason(Fault.LANDMARKS, "they lie in one place")))
        except OSError as error:
            skipped.append(Skipped(face.name, reason_of(error)))
    return prepared, skipped


def prepared_face(face: Face, square: Square) -> ScoredFace:
    """Raises UnreadableImage, FlatLandmarks, OSError."""
    found = prepare(face, square.resolution, square.face_type, smooth=square.smooth)
    return ScoredFace(
        face.source_filename or face.name,
        np.clip(found.image, 0, 1).astype(np.float32),
        np.clip(found.mask, 0, 1).astype(np.float32),
        landmarks_in(face, square),
        face,
    )


def landmarks_in(face: Face, square: Square) -> np.ndarray:
    """(68, 2) float64 pixels of the network's square."""
    if face.face_type != square.face_type:
        matrix = transform_matrix(face.landmarks, square.resolution, square.face_type)
        return transform_points(face.landmarks, matrix)
    return resized_points(np.asarray(face.landmarks, np.float64), square.resolution / face.shape[1])


def frame_pixels(faces: Sequence[ScoredFace]) -> float | None:
    """How many pixels of the frame one of the network's covers, the median; None where no face knows its frame."""
    found = []
    for one in faces:
        try:
            points = one.face.source_landmarks
        except UnreadableImage:
            continue
        if points is not None and np.shape(points) == (68, 2):
            found.append(np.ptp(points, axis=0).max() / max(np.ptp(one.landmarks, axis=0).max(), 1e-6))
    return float(np.median(found)) if found else None
