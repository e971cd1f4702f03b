"""Faces of a set as they follow each other in their video: which are neighbors in time, of one person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from dfl_cli.frames import time_key
from dfl_cli.xseg.face_files import FaceFile
from samplers.files.names import split_at_number

REACH = 0.5  # of the size of a face: how far its landmarks may have moved, on average, from one frame to the next
LARGEST_GROWTH = 1.5  # of its size
LONGEST_GAP = 3  # frames from one face of a track to the next


class Place(NamedTuple):
    """A face in its video."""

    index: int  # in the face set
    frame: int  # number of its frame; only differences mean something
    landmarks: np.ndarray  # (68, 2) pixels of the frame


Track = list[Place]  # rising frames


def find_tracks(files: Sequence[FaceFile]) -> list[Track]:
    """All faces that know their frame, each in exactly one track, in the order of time."""
    done: list[Track] = []
    active: list[Track] = []
    for places in frames_of(files):
        frame = places[0].frame
        done += [track for track in active if not 0 < frame - track[-1].frame <= LONGEST_GAP]
        active = [track for track in active if 0 < frame - track[-1].frame <= LONGEST_GAP]
        pairs = sorted(
            (apart, row, number)
            for row, track in enumerate(active)
            for number, place in enumerate(places)
            if (apart := distance(track[-1].landmarks, place.landmarks)) is not None
        )
        rows, numbers = set(), set()
        for _, row, number in pairs:
            if row not in rows and number not in numbers:
                active[row].append(places[number])
                rows.add(row)
                numbers.add(number)
        active += [[place] for number, place in enumerate(places) if number not in numbers]
    return sorted(done + active, key=lambda track: track[0].index)


def frames_of(files: Sequence[FaceFile]) -> Iterator[list[Place]]:
    """The faces of each frame, in the order of time."""
    known = [
        (file.face.source_filename, index, file.source_landmarks)
        for index, file in enumerate(files)
        if file.face.source_filename and file.source_landmarks is not None
    ]
    known.sort(key=lambda one: (time_key(one[0]), one[1]))
    number, before = 0, None
    for name, faces in groupby(known, key=lambda one: one[0]):
        number += 1 if before is None else gap(before, name)
        before = name
        yield [Place(index, number, points) for _, index, points in faces]


def gap(before: str, name: str) -> int:
    """How many frames lie between two names, by the last number in them; more than a track may have where they are not of one series."""
    parts, others = split_at_number(before), split_at_number(name)
    if parts and others and parts[0] == others[0]:
        return max(others[1] - parts[1], 1)
    return LONGEST_GAP + 1


def distance(before: np.ndarray, landmarks: np.ndarray) -> float | None:
    """How far a face has moved, in sizes of it; None where it cannot be the same one."""
    size_before, size = (float(np.ptp(points, axis=0).max()) for points in (before, landmarks))
    if not 1 / LARGEST_GROWTH < size / max(size_before, 1e-6) < LARGEST_GROWTH:
        return None
    apart = float(np.linalg.norm(landmarks - before, axis=1).mean()) / max(size, size_before)
    return apart if apart <= REACH else None


def neighbors(tracks: Sequence[Track]) -> Mapping[int, list[int]]:
    """Index of a face -> the faces just before and after it in its track."""
    found: dict[int, list[int]] = {}
    for track in tracks:
        for position, place in enumerate(track):
            around = [*track[max(position - 1, 0) : position], *track[position + 1 : position + 2]]
            found[place.index] = [other.index for other in around]
    return found
