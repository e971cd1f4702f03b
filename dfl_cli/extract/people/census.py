"""Everybody in the frames of an extraction: tracks, the people they are of, and their smoothed landmarks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dfl_cli.extract.people.grouping import Grouping, Part, group_parts, mean_identity
from dfl_cli.extract.people.smoothing import smoothed
from dfl_cli.extract.people.tracks import STRANGE, Track, find_tracks, split_tracks
from dfl_cli.extract.records import FaceRecord, FrameRecord

LEAST_WEIGHT = 0.1  # of a face in the identity of its track, for the least sure one; profiles have a low presence


@dataclass(frozen=True, eq=False)
class Census:
    """frames: in the order of time. Part number i is track number i."""

    frames: Sequence[FrameRecord]
    tracks: Sequence[Track]
    parts: Sequence[Part]
    grouping: Grouping

    @property
    def counts(self) -> Mapping[str, int]:
        """Name of a person -> how many faces are theirs, the most first."""
        return {person.name: person.count for person in self.grouping.people}

    def parts_of(self, names: Iterable[str]) -> frozenset[int]:
        """The tracks of the people with these names."""
        return frozenset(part for one in self.grouping.people if one.name in names for part in one.parts)

    def faces_of(self, parts: Iterable[int]) -> Iterator[tuple[FrameRecord, FaceRecord]]:
        """The faces of these tracks with their frames."""
        for number in sorted(parts):
            track = self.tracks[number]
            yield from zip((self.frames[position] for position in track.positions), track.faces, strict=True)

    def landmarks(self, *, smooth: bool) -> dict[FaceRecord, np.ndarray]:
        """The landmarks (68, 2) float32 of every face, as they were found or smoothed over their tracks.

        Those that a person set stay as they are.
        """
        if not smooth:
            return {face: face.landmarks for track in self.tracks for face in track.faces}
        found = {}
        for track in self.tracks:
            points = smoothed(np.stack([face.landmarks for face in track.faces]), track.positions)
            found |= {
                face: face.landmarks if face.by_hand else own
                for face, own in zip(track.faces, points.astype(np.float32), strict=True)
            }
        return found


def take_census(
    frames: Sequence[FrameRecord],
    is_plausible: Callable[[FaceRecord], bool] = lambda face: True,
    *,
    strange: float = STRANGE,
    exclusive: bool = True,
) -> Census:
    """The census of the faces that are sure and plausible.

    strange    likeness below which neighbors are two people
    exclusive  whether nobody is twice in a frame; false where frames of several videos share their names
    """
    tracks = split_tracks(find_tracks(frames, is_plausible, strange=strange))
    parts = [part_of(track, exclusive=exclusive) for track in tracks]
    return Census(frames, tracks, parts, group_parts(parts))


def part_of(track: Track, *, exclusive: bool = True) -> Part:
    known = [face for face in track.faces if face.identity is not None]
    weights = [max(face.presence, LEAST_WEIGHT) for face in known]
    identity = mean_identity([face.identity for face in known], weights)
    return Part(identity, len(track), frozenset(track.positions if exclusive else ()))
