"""What is known about the faces of a frame before any is cut: the records of the index."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

SURE = 0.0  # presence from which a box shows a face
THUMBNAIL = 8  # pixels of its side


@dataclass(frozen=True, eq=False)
class FaceRecord:
    """A face in a frame. Points are pixels of the frame, upright or not; faces differ if they are not the same object."""

    box: tuple[float, float, float, float]  # left, top, right, bottom; as the detector has it, parts may lie outside
    landmarks: np.ndarray  # (68, 2) float32
    score: float  # 0..1, of the detector
    presence: float  # of the landmark network; above SURE a face
    identity: np.ndarray | None = None  # (128,) float32 of length 1; of this face, or up to 7 frames before
    expression: np.ndarray | None = None  # (52,) float32; None where the landmark network has no mesh
    turn: int = 0  # degrees clockwise by which the frame was turned to find it
    by_hand: bool = False  # a person set the landmarks: they are not smoothed, and the face is always cut

    @property
    def area(self) -> float:
        """Square pixels of the box."""
        left, top, right, bottom = self.box
        return max(right - left, 0.0) * max(bottom - top, 0.0)

    @property
    def is_sure(self) -> bool:
        return self.by_hand or self.presence > SURE


@dataclass(frozen=True, eq=False)
class FrameRecord:
    """A frame that was looked at."""

    name: str  # of its file, without a folder
    size: tuple[int, int]  # width, height
    fingerprint: str  # of its file, see `file_fingerprint`
    thumbnail: np.ndarray  # (8, 8) uint8 gray: what a cut between two shots changes
    faces: tuple[FaceRecord, ...]  # the largest first; those that are not sure are among them


@dataclass(frozen=True, eq=False)
class Repair:
    """The faces of a frame after a person put them right; it holds for the file of the frame that they saw."""

    fingerprint: str  # of the file of the frame
    faces: tuple[FaceRecord, ...]  # all of them, those that were not touched as well

    def applied(self, frame: FrameRecord) -> FrameRecord:
        """`frame` with these faces, or as it is where its file is another one by now."""
        return replace(frame, faces=self.faces) if frame.fingerprint == self.fingerprint else frame


@dataclass(frozen=True, eq=False)
class FaceToCut:
    """A face of a frame, and the landmarks it is cut by: those that were found, or smoothed ones."""

    frame: FrameRecord
    face: FaceRecord
    landmarks: np.ndarray  # (68, 2) float32 pixels of the frame
