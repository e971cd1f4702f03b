"""What the review knows about every face of an extraction, in columns: 100,000 faces are sorted and filtered at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from dfl_cli.extract.index import ExtractIndex
from dfl_cli.extract.people.census import Census, take_census
from dfl_cli.extract.people.smoothing import eye_distances
from dfl_cli.extract.records import FaceRecord, FrameRecord
from samplers.files.names import fitting
from samplers.geometry.align import FlatLandmarks, transform_matrix, transform_points
from samplers.geometry.face_types import FaceType
from samplers.geometry.pose import estimate_pitch_yaw_roll

POSE_SIDE = 256  # pixels of the square in which the pose is estimated

# Column -> whether its greatest values are shown first: of each kind what most likely is wrong comes first.
WORST_IS_GREATEST = {"sharpness": False, "size": False, "confidence": False, "distance": True, "jitter": True}


@dataclass(frozen=True, eq=False)
class FaceTable:
    """N faces in the order of time. A value is nan where it is not known.

    names   of their files
    frames  that they were cut from, the names of their files
    values  column -> (N,) float64:
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


def face_table(index: ExtractIndex, frames: Sequence[FrameRecord], sharpness: Mapping[str, float]) -> FaceTable:
    """The faces that were cut from `frames`, which are in the order of time. sharpness: by the names of the files."""
    census = take_census(frames)
    jumps, mean = jitter(census), main_identity(census)
    names, sources, rows = [], [], []
    for name, frame in cut_files(index, frames):
        landmarks = index.files[name].landmarks
        face = nearest(frame.faces, landmarks)
        yaw, pitch = yaw_and_pitch(landmarks)
        names.append(name)
        sources.append(frame.name)
        rows.append(
            {
                "yaw": yaw,
                "pitch": pitch,
                "size": eye_distances(landmarks[None])[0],
                "confidence": face.presence if face and not face.by_hand else np.nan,
                "distance": distance(face, mean),
                "jitter": jumps.get(face, np.nan),
                "sharpness": sharpness.get(name, np.nan),
            }
        )
    columns = ("yaw", "pitch", *WORST_IS_GREATEST)
    return FaceTable(names, sources, {key: np.array([row[key] for row in rows], np.float64) for key in columns})


def cut_files(index: ExtractIndex, frames: Iterable[FrameRecord]) -> Iterable[tuple[str, FrameRecord]]:
    """The files of the faces of each frame."""
    for frame in frames:
        for number in range(len(frame.faces)):
            name = fitting(PurePath(frame.name).stem, f"_{number}.jpg")
            file = index.files.get(name)
            if file is not None and file.landmarks is not None:
                yield name, frame


def nearest(faces: Sequence[FaceRecord], landmarks: np.ndarray) -> FaceRecord | None:
    """The face that was cut by these landmarks, perhaps smoothed ones."""
    return min(faces, key=lambda face: float(np.abs(face.landmarks - landmarks).mean()), default=None)


def yaw_and_pitch(landmarks: np.ndarray) -> tuple[float, float]:
    """Degrees, of landmarks (68, 2) in the frame; nan where they are no face."""
    points = np.asarray(landmarks, np.float64)
    try:
        square = transform_points(points, transform_matrix(points, POSE_SIDE, FaceType.FULL))
    except FlatLandmarks:
        return np.nan, np.nan
    pose = estimate_pitch_yaw_roll(square, POSE_SIDE)
    return float(np.degrees(pose.yaw)), float(np.degrees(pose.pitch))


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
