"""Where the faces of a model lie beside where they should be, as a save keeps it (docs/decisions/0036-where-a-face-lies.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from models.classes.corrections import Corrections
from samplers.geometry.registration import Displacement

KEY = "registration"  # in state.json
SIDES = ("src", "dst")
LEAST = 0.05  # pixels; to move pictures by less would blur them for nothing


class Registration(NamedTuple):
    """Measured on training faces after `iteration`, each person through the own path; None: not measured."""

    iteration: int
    src: Displacement | None = None
    dst: Displacement | None = None

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Registration | None:
        """What a checked state.json holds of it."""
        stored = state.get(KEY)
        return stored and cls(stored["iteration"], *(displacement_of(stored.get(side)) for side in SIDES))

    def as_dict(self) -> dict[str, Any]:
        """For state.json and `--json`: `shift` and `spread` in pixels (x, y), `turn` in degrees clockwise."""
        sides = {side: found and as_dict(found) for side, found in zip(SIDES, self[1:], strict=True)}
        return {"iteration": self.iteration, **sides}

    @property
    def corrections(self) -> Corrections:
        """What the input of the networks is moved by."""
        return Corrections(*(opposite(found) for found in self[1:]))


def displacement_of(stored: Mapping[str, Any] | None) -> Displacement | None:
    if stored is None:
        return None
    return Displacement(
        tuple(stored["shift"]), tuple(stored["spread"]), stored["scale"], stored["turn"], stored["faces"]
    )


def as_dict(found: Displacement) -> dict[str, Any]:
    return {
        "shift": [round(pixels, 3) for pixels in found.shift],
        "spread": [round(pixels, 3) for pixels in found.spread],
        "scale": round(found.scale, 4),
        "turn": round(found.turn, 2),
        "faces": found.faces,
    }


def opposite(found: Displacement | None) -> tuple[float, float]:
    shift = [round(pixels, 3) for pixels in found.shift] if found else [0.0]  # the same before and after it was stored
    return tuple(-pixels for pixels in shift) if max(map(abs, shift)) >= LEAST else (0.0, 0.0)
