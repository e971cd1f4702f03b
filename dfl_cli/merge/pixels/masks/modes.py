"""Where the mask of a merged face comes from: the name of a mode is its formula, parts joined by * or +."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from dfl_cli.merge.pixels.notes import Note


@dataclass(frozen=True)
class MaskSources:
    """What a mode may build on; every mask is (side, side) float32, 0..1."""

    side: int
    prd: np.ndarray | None  # learned mask of the swapped face; None when the network was not asked
    dst: np.ndarray | None  # learned mask of the face in the frame; None likewise
    xseg_prd: np.ndarray | None  # XSeg mask of the swapped face; None where nothing knows it
    xseg_dst: np.ndarray | None  # XSeg mask of the face in the frame; None likewise
    draw_hull: Callable[[], np.ndarray]  # hull of the landmarks; drawn only by the mode that wants it
    missing_xseg_dst: Note = Note.NO_XSEG_DST  # why there is none
    notes: list[Note] = field(default_factory=list)  # filled by modes that had to do without a source


XSEG_PRD, XSEG_DST = "XSeg-prd", "XSeg-dst"
XSEG_PARTS = frozenset({XSEG_PRD, XSEG_DST})
PARTS: dict[str, Callable[[MaskSources], np.ndarray | None]] = {
    "full": lambda sources: np.ones((sources.side, sources.side), np.float32),
    "dst": lambda sources: sources.draw_hull(),
    "learned-prd": lambda sources: sources.prd,
    "learned-dst": lambda sources: sources.dst,
    XSEG_PRD: lambda sources: sources.xseg_prd,
    XSEG_DST: lambda sources: sources.xseg_dst,
}
FALLBACKS = {XSEG_PRD: ("learned-prd", Note.NO_XSEG_PRD), XSEG_DST: ("learned-dst", Note.NO_XSEG_DST)}
WITHOUT_NETWORK = frozenset({"full", "dst"})


def base_mask(mode: str, sources: MaskSources):
    """The mask (side, side) of `mode`; a missing XSeg mask is replaced by the learned one, and that is noted."""
    if "+" in mode:
        return np.clip(sum(PARTS[part](sources) for part in mode.split("+")), 0, 1)
    parts = dict.fromkeys(
        available_part(part, sources) for part in mode.split("*")
    )  # a stand-in that is there already counts once
    return reduce(np.multiply, (PARTS[part](sources) for part in parts))


def available_part(part: str, sources: MaskSources) -> str:
    """`part`, or its stand-in where there is no such mask."""
    if part not in FALLBACKS or PARTS[part](sources) is not None:
        return part
    stand_in, note = FALLBACKS[part]
    sources.notes.append(sources.missing_xseg_dst if note is Note.NO_XSEG_DST else note)
    return stand_in
