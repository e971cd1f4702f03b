"""The frames of an extraction as the review lists them: those without a face first, then those that are uncertain."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from dfl_cli.extract.records import FrameRecord


class FrameState(Enum):
    """In the order of the list."""

    NO_FACE = "no_face"
    UNCERTAIN = "uncertain"  # somewhere there is perhaps a face that was not cut
    CERTAIN = "certain"


class ListedFrame(NamedTuple):
    """A frame in the list."""

    name: str
    state: FrameState
    faces: int  # that are sure
    repaired: bool


def state_of(frame: FrameRecord, *, repaired: bool = False) -> FrameState:
    """What a person has put right, or agreed with, is certain."""
    if repaired:
        return FrameState.CERTAIN
    if any(not face.is_sure for face in frame.faces):
        return FrameState.UNCERTAIN
    return FrameState.CERTAIN if frame.faces else FrameState.NO_FACE


def listed(frames: Sequence[FrameRecord], repaired: frozenset[str] = frozenset()) -> list[ListedFrame]:
    """`frames`, which are in the order of time; within a state they stay in it. repaired: names of those with a repair."""
    order = list(FrameState)
    found = [
        ListedFrame(
            frame.name,
            state_of(frame, repaired=frame.name in repaired),
            sum(face.is_sure for face in frame.faces),
            frame.name in repaired,
        )
        for frame in frames
    ]
    return sorted(found, key=lambda one: order.index(one.state))
