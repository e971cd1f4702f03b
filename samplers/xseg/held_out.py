"""Which labeled faces are held out: never trained on, so that they show how well a network does on faces it does not know.

Frames of one clip that lie together show the same face, so stretches of `WINDOW` frames are held out as a whole. A hash of the
frames' name and place decides, so that faces stay on their side when labels are added. A face that was trained on is held out
later only if its stretch was too large a part of all labels before (see `chosen`) or replaces one that has become too large, if
there were fewer than `FEWEST` labels before, or if labels are removed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from samplers.files.faces import Face
from samplers.files.names import split_at_number
from samplers.xseg.labeled_face import has_polygons, labeled_faces

WINDOW = 32  # frames that are held out together
NEAR = 8  # frames: a face this near to a held-out one shows the same and is not trained on
FEWEST = 20  # labeled faces; where there are fewer, each is needed for training
LEAST = 3  # held-out faces


class Split(NamedTuple):
    """The labeled faces, each in their order."""

    training: list[Face]
    held_out: list[Face]


class Moment(NamedTuple):
    """When a face was seen."""

    series: str  # what names of frames have in common
    frame: int  # the last number in the name


def moment_of(face: Face) -> Moment | None:
    """None where the name of its frame is unknown or has no number."""
    parts = split_at_number(face.source_filename or "")
    return Moment(f"{parts[0]}#{parts[2]}", parts[1]) if parts else None


def split_labeled(facesets: Iterable[Sequence[Face]], percent: float) -> Split:
    """The labeled faces of all sets, about `percent` of them held out.

    None is held out where fewer than `FEWEST` have polygons, or where all come from one short stretch. Raises NoLabels.
    """
    facesets = list(facesets)
    labeled = labeled_faces(facesets)
    if not percent or len(labeled) < FEWEST or not has_polygons(labeled[0]):
        return Split(labeled, [])
    groups: dict[str, list[Face]] = {}
    for face in labeled:
        groups.setdefault(group_of(face), []).append(face)
    held = {id(face) for key in chosen(groups, percent) for face in groups[key]}
    held_out = [face for face in labeled if id(face) in held]
    near = {id(face) for faces in facesets for face in near_held_out(faces, held)}
    return Split([face for face in labeled if id(face) not in held | near], held_out)


def group_of(face: Face) -> str:
    """The stretch of frames a face belongs to; one that does not know its frame is alone."""
    moment = moment_of(face)
    return f"{moment.series} {moment.frame // WINDOW}" if moment else face.landmarks.tobytes().hex()


def chosen(groups: Mapping[str, Sequence[Face]], percent: float) -> list[str]:
    """The groups with the smallest hashes, until there are enough faces; a group of several that would be far too many is passed over."""
    most = max(LEAST, 2 * percent / 100 * sum(map(len, groups.values())))
    found, count = [], 0
    for key in sorted(groups, key=fraction):
        if fraction(key) * 100 >= percent and count >= LEAST:
            break
        if len(groups[key]) == 1 or count + len(groups[key]) <= most:
            found.append(key)
            count += len(groups[key])
    return found


def near_held_out(faces: Sequence[Face], held: set[int]) -> list[Face]:
    """The faces of a set that lie within `NEAR` frames of a held-out one (known by its id)."""
    places = [(moment_of(face), face) for face in faces if has_polygons(face)]
    frames: dict[str, list[int]] = {}
    for moment, face in places:
        if moment and id(face) in held:
            frames.setdefault(moment.series, []).append(moment.frame)
    return [
        face
        for moment, face in places
        if moment and any(abs(moment.frame - frame) <= NEAR for frame in frames.get(moment.series, ()))
    ]


def fraction(key: str) -> float:
    """0..1, the same for the same text everywhere."""
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") / 2**64
