"""Where the faces of a model lie beside where they should be, as a save keeps it (docs/decisions/0036-where-a-face-lies.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from models.classes.corrections import Corrections, Shift
from samplers.geometry.displacement import Displacement

KEY = "registration"  # in state.json
SIDES = ("src", "dst")
LEAST = 0.05  # pixels; to move pictures by less would blur them for nothing


class Side(NamedTuple):
    """One person, measured through the own path."""

    displacement: Displacement  # of what the networks paint of a face as it is
    correction: Shift  # what the input is moved by so that the face lies in its place

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Side:
        stored = dict(stored)
        correction = tuple(stored.pop("correction"))
        pairs = {key: tuple(stored.pop(key)) for key in ("shift", "spread")}
        return cls(Displacement(**pairs, **{key: stored[key] for key in ("scale", "turn", "faces")}), correction)

    def as_dict(self) -> dict[str, Any]:
        return {**facts_of(self.displacement), "correction": rounded(self.correction)}


def facts_of(found: Displacement) -> dict[str, Any]:
    """`shift` and `spread` in pixels (x, y), `scale`, `turn` in degrees clockwise, and `faces`, for files and `--json`."""
    return {
        "shift": rounded(found.shift),
        "spread": rounded(found.spread),
        "scale": round(found.scale, 4),
        "turn": round(found.turn, 2),
        "faces": found.faces,
    }


class Registration(NamedTuple):
    """Measured on training faces after `iteration`; None: not measured."""

    iteration: int
    src: Side | None = None
    dst: Side | None = None

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Registration | None:
        """What a checked state.json holds of it."""
        stored = state.get(KEY)
        return stored and cls(
            stored["iteration"], *(found and Side.from_dict(found) for found in map(stored.get, SIDES))
        )

    def as_dict(self) -> dict[str, Any]:
        """For state.json and `--json`: `shift`, `spread` and `correction` in pixels (x, y), `turn` in degrees clockwise."""
        sides = {side: found and found.as_dict() for side, found in zip(SIDES, self[1:], strict=True)}
        return {"iteration": self.iteration, **sides}

    @property
    def corrections(self) -> Corrections:
        """What the input of the networks is moved by."""
        return Corrections(*(tuple(rounded(found.correction)) if found else (0.0, 0.0) for found in self[1:]))


def rounded(pair: Shift) -> list[float]:
    """To a thousandth of a pixel: the same before and after it was stored."""
    return [round(pixels, 3) for pixels in pair]
