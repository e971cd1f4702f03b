"""What the page asks about single frames: their pictures, faces in a box, crops of points that are being moved."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from dfl_cli.errors import UserError
from dfl_cli.extract.networks import NetworkChoice
from dfl_cli.extract.records import FaceRecord
from dfl_cli.extract.report import reason
from dfl_cli.extract.sources import fingerprint_of
from dfl_cli.frames import UnreadableFrame, one_opencv_thread, read_frame
from dfl_cli.review.repairing import Corners, aligned_crop, face_in_box, with_identity
from dfl_cli.review.session import ReviewSession
from dfl_cli.translate import tr
from samplers.geometry.align import FlatLandmarks
from samplers.geometry.landmarks import frontal_face, landmark_fault

PICTURES = 3  # frames that stay in memory
DRAWN = 200  # faces found in boxes that may still be saved
CROP = 256  # pixels of the crop that is shown
SMALLEST_BOX = 4  # pixels of its sides


@dataclass(frozen=True)
class EditedFace:
    """A face as the page sends it back.

    number    of the face in the frame's record, or None
    drawn     number of a face that was found in a box, or None
    accepted  a person says that this is a face
    """

    number: int | None
    drawn: int | None
    accepted: bool
    box: Corners
    points: np.ndarray  # (68, 2)


class FrameEditor:
    """Looks at frames for the page. Threads share it. Everything raises UserError for a frame that is gone, broken or another one."""

    def __init__(self, session: ReviewSession):
        self.session, self._lock = session, threading.Lock()
        self._pictures: OrderedDict[str, np.ndarray] = OrderedDict()
        self._drawn: OrderedDict[int, FaceRecord] = OrderedDict()
        self._count = 0

    @cached_property
    def networks(self):
        return NetworkChoice().open()

    def picture(self, name: str) -> np.ndarray:
        """(H, W, 3) uint8 BGR."""
        path = self.session.places.frames / name
        fingerprint = fingerprint_of(path)
        key = f"{name} {fingerprint}"
        with self._lock:
            if key not in self._pictures:
                self._pictures[key] = self._read(name)
            self._pictures.move_to_end(key)
            while len(self._pictures) > PICTURES:
                self._pictures.popitem(last=False)
            picture = self._pictures[key]
        if fingerprint != self.session.frames[name].fingerprint:
            raise UserError(
                tr("The frame {name} was changed since the extraction.", name=name),
                saw=str(path),
                fix=tr("Close the review and run dfl extract again."),
            )
        return picture

    def _read(self, name: str) -> np.ndarray:
        path = self.session.places.frames / name
        try:
            return read_frame(path)
        except FileNotFoundError as error:
            raise UserError(
                tr("The frame {name} is gone.", name=name),
                saw=str(path),
                fix=tr("Put it back, or start dfl extract review with --input and the folder of the frames."),
            ) from error
        except (UnreadableFrame, OSError) as error:
            raise UserError(
                tr("The frame {name} cannot be read.", name=name),
                saw=reason(error),
                fix=tr("Replace the file, then run dfl extract again."),
            ) from error

    def find(self, name: str, box: Corners) -> tuple[int, FaceRecord, bool]:
        """The face in a box that a person drew: a number to save it by, the face, and whether the networks found its points."""
        left, top, right, bottom = box
        box = (min(left, right), min(top, bottom), max(left, right), max(top, bottom))
        if min(box[2] - box[0], box[3] - box[1]) < SMALLEST_BOX:
            raise UserError(
                tr("The box is too small."), fix=tr("Draw it around the whole face, from the brows to the chin.")
            )
        picture = self.picture(name)
        with self._lock, one_opencv_thread():
            face = face_in_box(picture, box, self.networks)
            found = face is not None and landmark_fault(np.float64(face.landmarks), picture.shape[:2]) is None
            if not found:
                points = frontal_face() * (box[2] - box[0], box[3] - box[1]) + box[:2]
                face = FaceRecord(tuple(map(float, box)), np.float32(points), 1.0, 0.0, by_hand=True)
            self._count += 1
            self._drawn[self._count] = face
            while len(self._drawn) > DRAWN:
                self._drawn.popitem(last=False)
            return self._count, face, found

    def crop(self, name: str, points: np.ndarray) -> np.ndarray:
        """(CROP, CROP, 3): how the face will look in the face set."""
        picture = self.picture(name)
        check_points(points, picture)
        face_type = (self.session.index.settings or {"face_type": "wf"})["face_type"]
        return aligned_crop(picture, points, face_type, CROP)

    def save(self, name: str, faces: Sequence[EditedFace] | None, *, version: int) -> None:
        """Repair the frame; None: the faces that were found hold again. version: `repaired_here` when the faces were looked at."""
        if version != self.session.repaired_here[name]:
            raise UserError(
                tr("The frame {name} was repaired in another tab.", name=name),
                fix=tr("Reload the page to see its faces, then repair it again."),
            )
        picture = self.picture(name)
        records = None if faces is None else [self._record(name, face, picture) for face in faces]
        if records is not None:
            records.sort(key=lambda face: -face.area)
        try:
            self.session.repair(name, records, picture)
        except FlatLandmarks as error:
            raise unusable(error.fact) from error

    def _record(self, name: str, edited: EditedFace, picture: np.ndarray) -> FaceRecord:
        before = self._before(name, edited)
        points = np.float32(edited.points)
        if before is not None and np.allclose(before.landmarks, points, atol=0.01):
            return replace(before, by_hand=True) if edited.accepted and not before.by_hand else before
        check_points(edited.points, picture)
        box = tuple(map(float, edited.box))
        if before is None:
            before = FaceRecord(box, points, 1.0, 0.0)
        face = replace(before, box=box, landmarks=points, by_hand=True)
        with self._lock, one_opencv_thread():
            return with_identity(picture, face, self.networks)

    def _before(self, name: str, edited: EditedFace) -> FaceRecord | None:
        faces = self.session.frames[name].faces
        if edited.number is not None and 0 <= edited.number < len(faces):
            return faces[edited.number]
        return self._drawn.get(edited.drawn)


def check_points(points: np.ndarray, picture: np.ndarray) -> None:
    """Raises UserError for points around which nothing can be cut."""
    fault = landmark_fault(np.asarray(points, np.float64), picture.shape[:2])
    if fault:
        raise unusable(fault)


def unusable(fact: str) -> UserError:
    return UserError(
        tr("No face can be cut by these points."), saw=tr(fact), fix=tr("Move them onto the face, or take it away.")
    )
