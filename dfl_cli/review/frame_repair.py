"""The faces of one frame put right: noted in the index, and cut at once, exactly as the next `dfl extract` would cut them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from dfl_cli.extract.choose import Choice, foremost
from dfl_cli.extract.cut import CutSettings
from dfl_cli.extract.cutting import Cutter, Plan, face_file, plan_cutting
from dfl_cli.extract.earlier import clear_the_way
from dfl_cli.extract.index import ExtractIndex
from dfl_cli.extract.people.smoothing import eye_distances
from dfl_cli.extract.places import Places
from dfl_cli.extract.records import FaceRecord, FaceToCut, FrameRecord, Repair

SAME_PLACE = 0.5  # eye distances between two positions of one face in a frame


@dataclass
class FrameRepair:
    """Repairs the frames of an extraction, whose folder is locked.

    first_cut  name of a frame -> landmarks of the faces that were cut before anything was repaired here
    """

    places: Places
    index: ExtractIndex
    first_cut: dict[str, list[np.ndarray]] = field(default_factory=dict)

    @property
    def settings(self) -> CutSettings | None:
        """None where no face was cut yet."""
        known = self.index.settings
        return known and CutSettings(known["face_type"], known["size"], known["quality"], known["classic"])

    def save(self, name: str, faces: Sequence[FaceRecord] | None, picture: np.ndarray) -> None:
        """Note the `faces` of a frame, None for those that were found, and cut them. Raises FlatLandmarks, UnwritableFrame, OSError."""
        before = self.index.frame(name)
        names = names_of(before, len(faces) if faces is not None else len(self.index.frames[name].faces))
        cut = [self.index.files[one].landmarks for one in names if one in self.index.files]
        cut = [landmarks for landmarks in cut if landmarks is not None]
        self.first_cut.setdefault(name, cut)
        self.index.repair(name, None if faces is None else Repair(before.fingerprint, tuple(faces)))
        if self.settings is None:
            return
        chosen = to_cut(self.index.frame(name), [*cut, *self.first_cut[name]], self.index.settings["max_faces"])
        plan = plan_cutting(Choice({name: chosen}, {}), self.index, self.places.aligned, self.settings)
        plan.obsolete = [one for one in plan.obsolete if one in names]
        self._cut(plan, picture)

    def _cut(self, plan: Plan, picture: np.ndarray) -> None:
        clear_the_way(plan, self.index, self.places)
        stale = {one: face for one, face in plan.wanted.items() if one in plan.stale}
        cutter = Cutter(self.places.frames, self.places.aligned, self.settings, None)
        if stale:
            self.index.begin(stale)
        for one, face in stale.items():
            self.index.finish(one, cutter.write(picture, one, face))
        self.index.flush()


def names_of(frame: FrameRecord, count: int) -> list[str]:
    """What the files of the faces of a frame are called, of those it has and of the `count` it will have."""
    return [face_file(frame.name, number) for number in range(max(len(frame.faces), count))]


def to_cut(frame: FrameRecord, cut: Iterable[np.ndarray], max_faces: int) -> list[FaceToCut]:
    """The faces of `frame` that a person set, and those that lie where one was `cut` before, by the same landmarks.

    Whom else the extraction would choose, only a whole extraction tells.
    """
    cut, found = list(cut), []
    for face in frame.faces:
        if face.by_hand:
            found.append(FaceToCut(frame, face, face.landmarks))
        elif face.is_sure and (landmarks := same_place(face, cut)) is not None:
            found.append(FaceToCut(frame, face, landmarks))
    return foremost(found, max_faces) if max_faces else found


def same_place(face: FaceRecord, cut: Sequence[np.ndarray]) -> np.ndarray | None:
    """The landmarks nearest to those of `face`, if they can be of the same face."""
    apart = [float(np.linalg.norm(landmarks - face.landmarks, axis=1).mean()) for landmarks in cut]
    limit = SAME_PLACE * float(eye_distances(face.landmarks[None])[0])
    return cut[int(np.argmin(apart))] if apart and min(apart) < limit else None
