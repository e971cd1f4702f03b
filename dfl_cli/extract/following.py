"""Frames that follow one another: most of them get a coarse look, and what that may have missed is looked for afterwards.

Frames between two cuts, such as photos, are searched thoroughly.
"""

from __future__ import annotations

import numpy as np

from dfl_cli.extract.analysis import MOVED, Candidate, FaceNetworks, Sighting, is_cut, look_at

CLOSE_LOOK = 4  # one of so many frames is looked at closely, and the last one


class Following:
    """Follows the faces of a shot from frame to frame; it belongs to one thread."""

    def __init__(self, networks: FaceNetworks):
        self.networks = networks
        self.sightings: list[Sighting] = []
        self._coarse: list[np.ndarray] = []  # pictures since the last one that was looked at closely
        self._alone: np.ndarray | None = None  # the last picture, if it shows another scene than the one before it

    def look(self, picture: np.ndarray, *, is_last: bool) -> None:
        """See the next frame (H, W, 3) uint8 BGR. is_last: none comes after it."""
        coarse = not is_last and len(self.sightings) % CLOSE_LOOK != 0
        before = self.sightings[-1] if self.sightings else None
        seen = look_at(picture, self.networks, before, coarse=coarse)
        is_new = before is None or is_cut(before, seen.shape, seen.thumbnail)
        if is_new:
            self._search_alone()
        self._alone = picture if is_new else None
        if coarse:
            self._coarse.append(picture)
        else:
            self._look_back(seen)
            self._coarse.clear()
        self.sightings.append(seen)
        if is_last:
            self._search_alone()

    def _search_alone(self) -> None:
        """Look again at the last picture if it shows a scene that no other does."""
        if self._alone is not None:
            self.sightings[-1] = look_at(self._alone, self.networks, alone=True)

    def _look_back(self, later: Sighting) -> None:
        """Follow faces that are new in `later`, the next frame, backwards through those that were looked at coarsely."""
        for place, picture in zip(range(len(self.sightings) - 1, -1, -1), reversed(self._coarse), strict=False):
            seen = self.sightings[place]
            if not has_new_face(later, seen):
                return
            again = look_at(picture, self.networks, later)
            if not has_new_face(again, seen):
                return
            self.sightings[place] = later = again


def has_new_face(later: Sighting, earlier: Sighting) -> bool:
    """Whether a sure face of `later` is not in `earlier`."""
    known = [face for face in earlier.candidates if face.is_sure and later.turn == earlier.turn]
    return any(face.is_sure and not any(is_near(face, one) for one in known) for face in later.candidates)


def is_near(face: Candidate, other: Candidate) -> bool:
    return float(np.linalg.norm(face.center - other.center)) < MOVED * max(face.size, other.size)
