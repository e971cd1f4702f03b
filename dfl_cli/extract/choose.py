"""Which of the faces that were found are cut, and by which landmarks: what lies between the two passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dfl_cli.extract.records import FaceRecord, FaceToCut, FrameRecord


@dataclass(frozen=True)
class Choice:
    """What is to be cut.

    faces   name of the frame -> its faces, in the order of their numbers
    people  name of a person -> how many of the faces are theirs; empty where nobody was told apart
    """

    faces: Mapping[str, Sequence[FaceToCut]]
    people: Mapping[str, int]

    @property
    def count(self) -> int:
        return sum(map(len, self.faces.values()))


def choose_faces(
    frames: Sequence[FrameRecord], *, max_faces: int, is_plausible: Callable[[FaceRecord], bool] = lambda face: True
) -> Choice:
    """The faces of `frames`, in the order of time, that are surely faces: the `max_faces` largest of each frame, 0 for all.

    is_plausible  what else a face has to be
    """
    faces = {frame.name: [one for one in sure_faces(frame, max_faces) if is_plausible(one.face)] for frame in frames}
    return Choice({name: found for name, found in faces.items() if found}, {})


def sure_faces(frame: FrameRecord, max_faces: int) -> list[FaceToCut]:
    sure = [face for face in frame.faces if face.is_sure]
    return [FaceToCut(frame, face, face.landmarks) for face in sure[: max_faces or None]]
