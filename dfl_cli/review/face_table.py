"""What the review knows about every face of an extraction, in columns: 100,000 faces are sorted and filtered at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dfl_cli.extract.cutting import face_file
from dfl_cli.extract.index import ExtractIndex
from dfl_cli.extract.people.census import Census, take_census
from dfl_cli.extract.people.smoothing import eye_distances
from dfl_cli.extract.records import FaceRecord, FrameRecord

# Column -> whether its greatest values are shown first: of each kind what most likely is wrong comes first.
WORST_IS_GREATEST = {"sharpness": False, "size": False, "confidence": False, "distance": True, "jitter": True}
COLUMNS = ("place", "yaw", "pitch", *WORST_IS_GREATEST)


class CutFace(NamedTuple):
    """A face that is a file."""

    name: str  # of its file
    frame: str  # that it was cut from, the name of its file
    landmarks: np.ndarray  # (68, 2) in the frame


@dataclass(frozen=True, eq=False)
class FaceTable:
    """N faces in the order of time. A value is nan where it is not known.

    names   of their files
    frames  that they were cut from, the names of their files
    values  column -> (N,) float64:
              place       of the frame in the order of time, from 0
              yaw, pitch   degrees; positive yaw has the nose toward the left side of the picture, positive pitch looks up
              size         eye distance, pixels of the frame
              confidence   of the landmark network, see FaceRecord.presence
              distance     from the person with the most faces, 0 (the same) .. 2
              jitter       how far the landmarks jumped against the frames around, eye distances
              sharpness    the larger the sharper; only the pictures tell it
    """

    names: Sequence[str]
    frames: Sequence[str]
    values: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.names)

    def without(self, gone: Collection[str]) -> FaceTable:
        """The table without the faces of these names."""
        return self._taken([row for row, name in enumerate(self.names) if name not in gone])

    def joined(self, more: FaceTable) -> FaceTable:
        """Both together, in the order of time."""
        values = {key: np.concatenate([column, more.values[key]]) for key, column in self.values.items()}
        both = FaceTable([*self.names, *more.names], [*self.frames, *more.frames], values)
        places = np.nan_to_num(values["place"], nan=np.inf).tolist()
        return both._taken(
            sorted(range(len(both)), key=lambda row: (places[row], len(both.names[row]), both.names[row]))
        )

    def _taken(self, rows: Sequence[int]) -> FaceTable:
        values = {key: column[rows] for key, column in self.values.items()}
        return FaceTable([self.names[row] for row in rows], [self.frames[row] for row in rows], values)


class Knowledge(NamedTuple):
    """What all the frames together tell about single faces."""

    places: Mapping[str, int]  # of the frames in the order of time
    jumps: Mapping[FaceRecord, float]  # see `jitter`
    identity: np.ndarray | None  # (128,) of the person with the most faces


def knowledge(frames: Sequence[FrameRecord]) -> Knowledge:
    """frames: in the order of time."""
    census = take_census(frames)
    return Knowledge({frame.name: place for place, frame in enumerate(frames)}, jitter(census), main_identity(census))


def face_table(
    faces: Sequence[CutFace],
    frames: Mapping[str, FrameRecord],
    known: Knowledge,
    *,
    poses: np.ndarray,
    sharpness: Mapping[str, float],
) -> FaceTable:
    """The columns of `faces`, which are in the order of time.

    frames     by their names; a face may be of a frame that is not among them
    poses      (N, 2): yaw and pitch of the faces, degrees
    sharpness  by the names of the files
    """
    values = {key: np.full(len(faces), np.nan) for key in COLUMNS}
    values["yaw"], values["pitch"] = np.float64(poses).reshape(-1, 2).T
    if faces:
        values["size"] = eye_distances(np.stack([face.landmarks for face in faces]))
    for row, (name, frame_name, landmarks) in enumerate(faces):
        values["place"][row] = known.places.get(frame_name, np.nan)
        values["sharpness"][row] = sharpness.get(name, np.nan)
        frame = frames.get(frame_name)
        face = nearest(frame.faces, landmarks) if frame else None
        values["confidence"][row] = face.presence if face and not face.by_hand else np.nan
        values["distance"][row] = distance(face, known.identity)
        values["jitter"][row] = known.jumps.get(face, np.nan)
    return FaceTable([face.name for face in faces], [face.frame for face in faces], values)


def cut_faces_of(index: ExtractIndex, frames: Iterable[FrameRecord]) -> list[CutFace]:
    """The faces of each frame that were written, by what the index says; perhaps they are gone since."""
    found = []
    for frame in frames:
        for number in range(len(frame.faces)):
            name = face_file(frame.name, number)
            file = index.files.get(name)
            if file is not None and file.landmarks is not None:
                found.append(CutFace(name, frame.name, file.landmarks))
    return found


def nearest(faces: Sequence[FaceRecord], landmarks: np.ndarray) -> FaceRecord | None:
    """The face that was cut by these landmarks, perhaps smoothed ones."""
    if len(faces) < 2:
        return faces[0] if faces else None
    return min(faces, key=lambda face: float(np.abs(face.landmarks - landmarks).mean()))


def main_identity(census: Census) -> np.ndarray | None:
    """(128,) of the person with the most faces."""
    return census.grouping.people[0].identity if census.grouping.people else None


def distance(face: FaceRecord | None, identity: np.ndarray | None) -> float:
    if face is None or face.identity is None or identity is None or not face.identity.any():
        return np.nan
    return 1 - float(face.identity @ identity)


def jitter(census: Census) -> dict[FaceRecord, float]:
    """Of the faces that have the same face in the frame before and in the one after: the mean second difference of the landmarks as
    they were found, in eye distances."""
    found = {}
    for track in census.tracks:
        if len(track) < 3:
            continue
        points, places = (
            np.stack([face.landmarks for face in track.faces]).astype(np.float64),
            np.array(track.positions),
        )
        bends = np.linalg.norm(points[2:] - 2 * points[1:-1] + points[:-2], axis=2).mean(axis=1)
        bends /= np.maximum(eye_distances(points)[1:-1], 1e-6)
        inside = np.flatnonzero(places[2:] - places[:-2] == 2)
        found |= {track.faces[number + 1]: float(bends[number]) for number in inside}
    return found


def ordered(table: FaceTable, key: str, rows: np.ndarray, *, reverse: bool = False) -> np.ndarray:
    """`rows` of the table sorted by a column of WORST_IS_GREATEST, the worst first; what is not known comes last either way."""
    values = table.values[key][rows]
    values = -values if WORST_IS_GREATEST[key] != reverse else values
    return rows[np.argsort(values, kind="stable")]  # numpy sorts nan last
