"""Which of the faces that were found are cut, and by which landmarks: what lies between the two passes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from dfl_cli.extract.people.census import Census
from dfl_cli.extract.records import FaceToCut


@dataclass(frozen=True)
class Choice:
    """What is to be cut.

    faces   name of the frame -> its faces, in the order of their numbers
    people  name of a person -> how many faces are theirs, of all that were found
    """

    faces: Mapping[str, Sequence[FaceToCut]]
    people: Mapping[str, int]

    @property
    def count(self) -> int:
        return sum(map(len, self.faces.values()))


def choose_faces(census: Census, *, parts: Collection[int] | None, max_faces: int, smooth: bool) -> Choice:
    """The faces of the tracks `parts` (None: all), the `max_faces` largest of each frame (0: all).

    Faces that a person put right are always among them, before larger ones.
    """
    landmarks = census.landmarks(smooth=smooth)
    if parts is None:
        wanted = set(landmarks)
    else:
        wanted = {face for _, face in census.faces_of(parts)} | {face for face in landmarks if face.by_hand}
    faces = {}
    for frame in census.frames:
        found = [FaceToCut(frame, face, landmarks[face]) for face in frame.faces if face in wanted]
        if found:
            faces[frame.name] = found if not max_faces else foremost(found, max_faces)
    return Choice(faces, census.counts)


def foremost(faces: Sequence[FaceToCut], count: int) -> list[FaceToCut]:
    """`count` of the faces of a frame, those that a person put right first, then the largest; their order stays."""
    by_hand = [one for one in faces if one.face.by_hand]
    others = [one for one in faces if not one.face.by_hand]
    kept = [*by_hand, *others[: max(count - len(by_hand), 0)]]
    return [one for one in faces if one in kept]
