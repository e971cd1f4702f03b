"""Runs of [x, y] in a pickle, read at once: an opcode at a time they take most of the time of opening a face set.

Each point is the opcodes EMPTY_LIST, a memo opcode (three kinds, by protocol and by how many came before), MARK,
BINFLOAT x, BINFLOAT y, APPENDS.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

MAX_POINTS = 4096  # points read at once
_POINT = rb"\(G.{8}G.{8}e"
_KINDS = {  # memo opcode -> the run, and one point of it
    0x94: (re.compile(rb"(?:\]\x94" + _POINT + rb"){2,%d}" % MAX_POINTS, re.DOTALL), 0),
    0x71: (re.compile(rb"(?:\]q." + _POINT + rb"){2,%d}" % MAX_POINTS, re.DOTALL), 1),
    0x72: (re.compile(rb"(?:\]r.{4}" + _POINT + rb"){2,%d}" % MAX_POINTS, re.DOTALL), 4),
}


def _point_layout(slot: list) -> np.dtype:
    coordinates = [("mark", "V2"), ("x", ">f8"), ("g", "V1"), ("y", ">f8"), ("append", "V1")]
    return np.dtype([("open", "V2"), *slot, *coordinates])


_LAYOUTS = {  # bytes of the memo place -> one point
    0: _point_layout([]),
    1: _point_layout([("slot", "u1")]),
    4: _point_layout([("slot", "<u4")]),
}


class PointRun(NamedTuple):
    points: list[list[float]]
    slots: list[int] | None  # memo places; None = the next free ones
    end: int  # where the next opcode is


def point_run(payload, start: int) -> PointRun | None:
    """The run of at least two points whose first EMPTY_LIST is at `start`; None if there is none."""
    pattern, slot_bytes = _KINDS.get(payload[start + 1], (None, 0)) if start + 1 < len(payload) else (None, 0)
    found = pattern and pattern.match(payload, start)
    if not found:
        return None
    table = np.frombuffer(found.group(), _LAYOUTS[slot_bytes])
    points = np.stack([table["x"], table["y"]], axis=1).tolist()
    return PointRun(points, table["slot"].tolist() if slot_bytes else None, found.end())
