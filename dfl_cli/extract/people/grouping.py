"""Who is who: tracks, or single pictures, brought together by SFace's identity.

Two faces of one person agree by SAME or more (scalar product). From UNSURE to SAME a single face says nothing, but the mean over
a track does: those of different people agreed by 0.36 at most, those of one person by 0.9 (docs/LOG.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from dfl_cli.face_networks.identity import SAME, UNSURE

ENOUGH = 5  # faces in a part, from which its mean decides where single faces would be unsure
BLOCK = 1024  # groups compared with all others at a time


@dataclass(frozen=True, eq=False)
class Part:
    """Faces that are surely of one person, such as a track.

    identity  (128,) of length 1, the mean; zeros where it is not known
    count     how many faces
    moments   the frames they are in: nobody is twice in one frame
    """

    identity: np.ndarray
    count: int
    moments: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False)
class Person:
    """name: a letter. parts: which of the parts are theirs. count: of the faces."""

    name: str
    parts: tuple[int, ...]
    count: int
    identity: np.ndarray


@dataclass(frozen=True)
class Grouping:
    """people: the one with the most faces first. unsure: parts that may belong to one of them, or to somebody else."""

    people: tuple[Person, ...]
    unsure: tuple[int, ...]

    def owners(self) -> dict[int, str]:
        """Number of a part -> the name of its person."""
        return {part: person.name for person in self.people for part in person.parts}


@dataclass(eq=False)
class Group:
    """A person while parts are still being added."""

    parts: list[int] = field(default_factory=list)
    count: int = 0
    moments: set[int] = field(default_factory=set)
    total: np.ndarray = field(default_factory=lambda: np.zeros(128))

    @property
    def identity(self) -> np.ndarray:
        return unit(self.total)

    def add(self, number: int, part: Part) -> None:
        self.parts.append(number)
        self.count += part.count
        self.moments |= part.moments
        self.total += part.identity * part.count

    def join(self, other: Group) -> None:
        self.parts += other.parts
        self.count += other.count
        self.moments |= other.moments
        self.total += other.total


def mean_identity(vectors: Sequence[np.ndarray], weights: Sequence[float] | None = None) -> np.ndarray:
    """(128,) of length 1; zeros where no identity is known."""
    if not len(vectors):
        return np.zeros(128)
    return unit(np.average(np.float64(vectors), axis=0, weights=weights))


def unit(vector: np.ndarray) -> np.ndarray:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 1e-9 else np.zeros_like(vector, dtype=np.float64)


def group_parts(parts: Sequence[Part]) -> Grouping:
    """The people of `parts`."""
    known = [number for number, part in enumerate(parts) if part.identity.any()]
    groups, waiting = first_groups(parts, sorted(known, key=lambda number: -parts[number].count))
    merge_groups(groups)
    unsure = [number for number, part in enumerate(parts) if not part.identity.any()]
    identities = identities_of(groups)
    for number in waiting:
        place = best_place(parts[number], groups, identities @ parts[number].identity)
        if place is None:
            unsure.append(number)
        else:
            groups[place].add(number, parts[number])
            identities[place] = groups[place].identity
    groups.sort(key=lambda group: (-group.count, min(group.parts)))
    people = (
        Person(name, tuple(sorted(one.parts)), one.count, one.identity)
        for name, one in zip(names(), groups, strict=False)
    )
    return Grouping(tuple(people), tuple(sorted(unsure)))


def first_groups(parts: Sequence[Part], order: Iterable[int]) -> tuple[list[Group], list[int]]:
    """The parts one by one to the person they look most like, or to a new one; and those that wait, being unsure."""
    groups: list[Group] = []
    identities = np.zeros((16, 128))
    waiting = []
    for number in order:
        part = parts[number]
        alike = identities[: len(groups)] @ part.identity
        place = best_place(part, groups, alike)
        if place is None and is_unsure(part, groups, alike):
            waiting.append(number)
            continue
        if place is None:
            place = len(groups)
            groups.append(Group())
            if place == len(identities):
                identities = np.concatenate([identities, np.zeros_like(identities)])
        groups[place].add(number, part)
        identities[place] = groups[place].identity
    return groups, waiting


def best_place(part: Part, groups: Sequence[Group], alike: np.ndarray) -> int | None:
    """The group most like `part` that it belongs to."""
    possible = np.flatnonzero(alike >= UNSURE)
    for place in possible[np.argsort(-alike[possible])]:
        if belong(part, groups[place], float(alike[place])):
            return int(place)
    return None


def belong(one: Part | Group, other: Part | Group, alike: float) -> bool:
    """Whether both are one person."""
    needed = UNSURE if min(one.count, other.count) >= ENOUGH else SAME
    return alike >= needed and one.moments.isdisjoint(other.moments)


def is_unsure(part: Part, groups: Sequence[Group], alike: np.ndarray) -> bool:
    """Whether a part of a few faces may be of somebody who is there already."""
    likely = np.flatnonzero((alike >= UNSURE) & (alike < SAME))
    return part.count < ENOUGH and any(part.moments.isdisjoint(groups[place].moments) for place in likely)


def identities_of(groups: Sequence[Group]) -> np.ndarray:
    """(N, 128)."""
    return np.stack([group.identity for group in groups]) if groups else np.zeros((0, 128))


def merge_groups(groups: list[Group]) -> None:
    """Join groups that are one person, the most alike first, until there are none."""
    while pairs := alike_pairs(groups):
        joined: set[int] = set()
        for _, one, other in sorted(pairs, reverse=True):
            if joined.isdisjoint((one, other)):
                groups[one].join(groups[other])
                joined |= {one, other}
                groups[other].parts.clear()
        groups[:] = [group for group in groups if group.parts]


def alike_pairs(groups: Sequence[Group]) -> list[tuple[float, int, int]]:
    """(how alike, one, the other) of the groups that are one person."""
    identities = identities_of(groups)
    pairs = []
    for start in range(0, len(groups), BLOCK):
        alike = identities[start : start + BLOCK] @ identities[start:].T
        for row, column in np.argwhere(alike >= UNSURE):
            one, other, value = start + int(row), start + int(column), float(alike[row, column])
            if one < other and belong(groups[one], groups[other], value):  # each pair once
                pairs.append((value, one, other))
    return pairs


def names() -> Iterator[str]:
    """A, B ... Z, AA, AB ..."""
    number = 0
    while True:
        yield letters(number)
        number += 1


def letters(number: int) -> str:
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
