"""What is measured of each face of a set before any is proposed for removal, every picture decoded once."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.extract.index import FILE_NAME, ExtractIndex
from dfl_cli.extract.records import SURE, FaceRecord, FrameRecord
from dfl_cli.face_networks.expression import Expression, names
from dfl_cli.face_networks.mesh import Mesh
from dfl_cli.face_networks.protocols import Box, Located
from dfl_cli.faceset.images import ImageFile, Measurements, measure_all, picture_of
from dfl_cli.translate import tr
from samplers.files.faces import Face
from samplers.geometry.masks import hull_mask

SMALL = 16  # side, in pixels, of the gray picture by which faces are compared
JUDGED = 256  # side, in pixels, at which sharpness is measured
NOISE = 1.0  # pixels of that side; finer structure is noise and the blocks of JPEG
INNER = slice(17, 68)  # landmarks without the jaw line, on which networks differ most
SAME_FACE = 0.05  # of the size of a face: how far landmarks of the index may be off, which smoothing does


class Landmarked(NamedTuple):
    """What a landmark network sees at the place of a face."""

    presence: float  # above SURE a face
    distance: float  # mean, between its landmarks and those of the face / size of the face
    blink: float  # 0..1, of the eye that is open wider


class Measured(NamedTuple):
    """A face of the set."""

    face: Face
    digest: bytes  # of its pixels
    small: np.ndarray  # (SMALL * SMALL,) float16 gray 0..255
    sharpness: float  # greater is sharper; does not depend on size, contrast or brightness
    size: (
        float | None
    )  # pixels of the frame, the longer side around the landmarks; None where the face data does not say
    seen: Landmarked | None  # None where the network sees no face at all


class Observer:
    """A landmark network and the expression; it belongs to one thread."""

    def __init__(self):
        self.mesh, self.expression = Mesh(), Expression()

    def look(self, picture: np.ndarray, landmarks: np.ndarray) -> Landmarked | None:
        """At the place of the face, and where it sees none there, in all of the picture."""
        found = self.mesh.follow(picture, Located(np.float32(landmarks), 0.0))
        if found is None or found.presence <= SURE:
            height, width = picture.shape[:2]
            other = self.mesh.locate(picture, Box(0.2 * width, 0.2 * height, 0.8 * width, 0.8 * height, 1.0))
            found = max(filter(None, (found, other)), key=lambda each: each.presence, default=None)
        if found is None:
            return None
        distance = mean_distance(found.landmarks, landmarks)
        return Landmarked(found.presence, distance, blink(self.expression.values(found.mesh)))


def measure_faces(faces: Sequence[Face], folder: Path) -> Measurements:
    """A `Measured` for every face; what an index of their extraction in `folder` knows is not looked for again."""
    frames = ExtractIndex(folder).frames if (folder / FILE_NAME).is_file() else {}
    local = threading.local()

    def look(one: ImageFile) -> Measured:
        if not hasattr(local, "observer"):
            local.observer = Observer()
        return measured(one.face, frames, local.observer)

    return measure_all([picture_of(face) for face in faces], look, tr("Measuring"))


def measured(face: Face, frames: Mapping[str, FrameRecord], observer: Observer) -> Measured:
    """Raises UnreadableImage."""
    picture, points = face.read(), face.read_info().source_landmarks
    if points is not None and np.shape(points) != (68, 2):
        points = None
    gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    seen = known(face, points, frames) or observer.look(picture, face.landmarks)
    small = cv2.resize(gray, (SMALL, SMALL), interpolation=cv2.INTER_AREA).astype(np.float16).ravel()
    size = None if points is None else float(np.ptp(points, axis=0).max())
    return Measured(face, blake2b(picture, digest_size=16).digest(), small, sharpness(gray, face), size, seen)


def known(face: Face, points: np.ndarray | None, frames: Mapping[str, FrameRecord]) -> Landmarked | None:
    """What the index says of the face with these landmarks in its frame; None where it says nothing."""
    frame = frames.get(face.source_filename or "")
    if frame is None or points is None:
        return None
    records: list[FaceRecord] = [each for each in frame.faces if each.expression is not None]
    found = min(((mean_distance(each.landmarks, points), each) for each in records), key=first, default=None)
    if found is None or found[0] > SAME_FACE:
        return None
    return Landmarked(found[1].presence, found[0], blink(found[1].expression))


def first(pair: tuple):
    return pair[0]


def mean_distance(landmarks: np.ndarray, other: np.ndarray) -> float:
    """Between the landmarks (68, 2) of two faces, as a share of the size of `other`."""
    size = max(float(np.ptp(other, axis=0).max()), 1e-6)
    return float(np.linalg.norm(landmarks[INNER] - other[INNER], axis=1).mean()) / size


def blink(expression: np.ndarray) -> float:
    """How far the eye is closed that is open wider; one closed eye is a wink, or a profile."""
    return float(min(expression[names().index(name)] for name in ("eyeBlinkLeft", "eyeBlinkRight")))


def sharpness(gray: np.ndarray, face: Face) -> float:
    """Variance of the Laplacian / variance of the levels, inside the outline of the face at JUDGED pixels."""
    scale = np.float64([JUDGED / face.shape[1], JUDGED / face.shape[0]])
    outline = hull_mask(face.landmarks * scale, (JUDGED, JUDGED), eyebrows_expand_mod=face.eyebrows_expand_mod) > 0
    levels = cv2.resize(gray, (JUDGED, JUDGED), interpolation=cv2.INTER_AREA).astype(np.float32)
    levels = cv2.GaussianBlur(levels, (0, 0), NOISE)
    inside = outline.reshape(JUDGED, JUDGED)
    if not inside.any():
        return 0.0
    return float(cv2.Laplacian(levels, cv2.CV_32F)[inside].var() / (levels[inside].var() + 1))
