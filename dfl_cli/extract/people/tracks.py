"""Tracks: one face followed over the frames of a shot, by where its landmarks are.

What a track holds together is decided here frame by frame; who it is, grouping.py decides for a whole track.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from dfl_cli.extract.analysis import differs
from dfl_cli.extract.records import FaceRecord, FrameRecord
from dfl_cli.face_networks.identity import UNSURE

REACH = 0.5  # of the size of a face: how far its landmarks may be, on average, from where they were
LONGEST_GAP = 6  # frames in which a face may be missing
LARGEST_GROWTH = 1.5  # of its size, over a gap
STRANGE = 0.1  # identities (scalar product) below which neighbors are two people whatever their places are
FEWEST, MOST = 4, 8  # faces on both sides of a place in a track that are compared
BLOCK = 4096  # places in a track that are looked at together
FEW_PAIRS = 4  # of faces in two frames, up to which it takes longer to leave out those far apart than to compare all


@dataclass(eq=False)
class Track:
    """A face over time. positions: indices into the frames, rising; faces: one for each of them."""

    positions: list[int] = field(default_factory=list)
    faces: list[FaceRecord] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def last(self) -> FaceRecord:
        return self.faces[-1]

    def add(self, position: int, face: FaceRecord) -> None:
        self.positions.append(position)
        self.faces.append(face)


def find_tracks(
    frames: Sequence[FrameRecord],
    is_plausible: Callable[[FaceRecord], bool] = lambda face: True,
    *,
    strange: float = STRANGE,
) -> list[Track]:
    """The tracks of all sure and plausible faces of `frames`, which are in the order of time; each face is in exactly one.

    strange  see STRANGE
    """
    done: list[Track] = []
    active: list[Track] = []
    for position, frame in enumerate(frames):
        if position and is_cut(frames[position - 1], frame):
            done += active
            active = []
        ended = [track for track in active if position - track.positions[-1] > LONGEST_GAP + 1]
        done += ended
        active = [track for track in active if track not in ended]
        faces = [face for face in frame.faces if face.is_sure and is_plausible(face)]
        rest = set(range(len(faces)))
        for track, number in matches(active, faces, strange):
            track.add(position, faces[number])
            rest.remove(number)
        active += [Track([position], [faces[number]]) for number in sorted(rest)]
    return sorted(done + active, key=lambda track: track.positions[0])


def is_cut(before: FrameRecord, frame: FrameRecord) -> bool:
    """Whether another shot begins with `frame`."""
    return before.size != frame.size or differs(before.thumbnail, frame.thumbnail)


def matches(tracks: Sequence[Track], faces: Sequence[FaceRecord], strange: float) -> Iterator[tuple[Track, int]]:
    """Which face (its number) goes on with which track, the nearest pairs first."""
    pairs = [
        (apart, row, number)
        for row, number in near_pairs([track.last for track in tracks], faces)
        if (apart := distance(tracks[row].last, faces[number], strange)) is not None
    ]
    rows, numbers = set(), set()
    for _, row, number in sorted(pairs):
        if row not in rows and number not in numbers:
            rows.add(row)
            numbers.add(number)
            yield tracks[row], number


def near_pairs(before: Sequence[FaceRecord], faces: Sequence[FaceRecord]) -> Iterator[tuple[int, int]]:
    """Numbers of those that `distance` may find near: their centers are no farther apart than their landmarks on average."""
    if len(before) * len(faces) <= FEW_PAIRS:
        return iter(product(range(len(before)), range(len(faces))))
    (centers, sizes), (others, other_sizes) = places_of(before), places_of(faces)
    apart = np.linalg.norm(centers[:, None] - others, axis=2)
    near = np.argwhere(apart <= 1.01 * REACH * np.maximum(sizes[:, None], other_sizes))  # a little more, for rounding
    return ((int(row), int(number)) for row, number in near)


def places_of(faces: Sequence[FaceRecord]) -> tuple[np.ndarray, np.ndarray]:
    """Centers (N, 2) and sizes (N,)."""
    points = np.stack([face.landmarks for face in faces])
    return points.mean(axis=1), np.ptp(points, axis=1).max(axis=1)


def distance(before: FaceRecord, face: FaceRecord, strange: float = STRANGE) -> float | None:
    """How far apart two faces of neighboring frames are, in sizes of the face; less the more their boxes overlap and the more
    they look like one person. None where they cannot be one face."""
    size, size_before = size_of(face), size_of(before)
    if not 1 / LARGEST_GROWTH < size / max(size_before, 1e-6) < LARGEST_GROWTH:
        return None
    apart = float(np.linalg.norm(face.landmarks - before.landmarks, axis=1).mean()) / max(size, size_before)
    alike = likeness(before, face)
    if apart > REACH or (alike is not None and alike < strange):
        return None
    return apart + 0.5 * (1 - overlap(before.box, face.box)) + 0.5 * (1 - (0.5 if alike is None else alike))


def size_of(face: FaceRecord) -> float:
    """Pixels of the longer side of the landmarks."""
    return float(np.ptp(face.landmarks, axis=0).max())


def likeness(one: FaceRecord, other: FaceRecord) -> float | None:
    """The scalar product of two identities; None where one is not known."""
    if one.identity is None or other.identity is None or not one.identity.any() or not other.identity.any():
        return None
    return float(one.identity @ other.identity)


def overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """Of two boxes: the shared area as a fraction of the area of both, 0..1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0.0) * max(height, 0.0)
    return shared / max(area(one) + area(other) - shared, 1e-9)


def area(box: Sequence[float]) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def split_tracks(tracks: Sequence[Track]) -> list[Track]:
    """`tracks`, each ended where somebody else appears in the same place, as at a cut that the thumbnails do not show."""
    return sorted((part for track in tracks for part in split(track)), key=lambda track: track.positions[0])


def split(track: Track) -> list[Track]:
    """The parts of `track` that are one person each. Means over several faces decide, never a single face."""
    parts, rest = [], [track]
    while rest:
        part = rest.pop()
        place = change_of_person(part)
        if place is None:
            parts.append(part)
        else:
            rest += [
                Track(part.positions[:place], part.faces[:place]),
                Track(part.positions[place:], part.faces[place:]),
            ]
    return parts


def change_of_person(track: Track) -> int | None:
    """Where the faces before and those from there on are the least alike, if they are two people."""
    if len(track) < 2 * FEWEST or any(face.identity is None for face in track.faces):
        return None
    vectors = np.stack([face.identity for face in track.faces])
    sums = np.concatenate([np.zeros((1, vectors.shape[1])), np.cumsum(vectors, axis=0, dtype=np.float64)])
    places = np.arange(FEWEST, len(track) - FEWEST + 1)
    alike = np.concatenate(
        [likeness_of_sides(sums, places[start : start + BLOCK]) for start in range(0, len(places), BLOCK)]
    )
    lowest = int(np.argmin(alike))
    return lowest + FEWEST if alike[lowest] < UNSURE else None


def likeness_of_sides(sums: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(N,): how much the faces before each of `places` and those from there on are alike, up to MOST of them.

    sums  (T + 1, 128) of the identities before each face of a track
    """
    before = directions(sums[places] - sums[np.maximum(places - MOST, 0)])
    after = directions(sums[np.minimum(places + MOST, len(sums) - 1)] - sums[places])
    return (before * after).sum(axis=1)


def directions(totals: np.ndarray) -> np.ndarray:
    """`totals` (N, 128), each scaled to length 1."""
    return totals / np.maximum(np.linalg.norm(totals, axis=1, keepdims=True), 1e-9)
