"""Every K-th face of a set, kept out of training so that it shows how well a model does on faces it does not know."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from samplers.files.faces import Face, yaws


class Part(Sequence):
    """Some faces of a set, in its order."""

    def __init__(self, faces: Sequence[Face], places: Sequence[int]):
        self._faces, self._places = faces, list(places)

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self._faces[place] for place in self._places[index]]
        return self._faces[self._places[index]]

    @property
    def others(self) -> Part:
        """The faces of the set that are not in this part."""
        here = set(self._places)
        return Part(self._faces, [place for place in range(len(self._faces)) if place not in here])

    def yaws(self) -> np.ndarray:
        """(N,) radians."""
        return np.asarray(yaws(self._faces))[self._places]


def trained_on(faces: Sequence[Face], every: int) -> Sequence[Face]:
    """Without every `every`-th face; all of them for 0, and of a set that has no more than that."""
    if not every or len(faces) <= every:
        return faces
    return Part(faces, [place for place in range(len(faces)) if not is_held_out(place, every)])


def held_out(faces: Sequence[Face], every: int) -> Sequence[Face]:
    """The faces that `trained_on` leaves out; none for 0."""
    if not every or len(faces) <= every:
        return Part(faces, [])
    return Part(faces, [place for place in range(len(faces)) if is_held_out(place, every)])


def unseen(faces: Sequence[Face]) -> Sequence[Face]:
    """What `trained_on` has left out of `faces`; all of them where it has left out none."""
    return faces.others if isinstance(faces, Part) else faces


def is_held_out(place: int, every: int) -> bool:
    return place % every == every - 1
