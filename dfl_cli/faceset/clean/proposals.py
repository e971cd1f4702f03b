"""Which faces of a set are proposed for removal, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from dfl_cli.extract.records import SURE
from dfl_cli.faceset.clean.defects import Defect
from dfl_cli.faceset.clean.duplicates import duplicates
from dfl_cli.faceset.clean.measures import Measured
from dfl_cli.frames import time_key

SHARP = 0.55  # of the median sharpness of the set, below which a face is blurred
TINY = 48  # pixels of the frame around the landmarks, below which a face is tiny
SMALL_SHARE = 0.5  # of the median size: in a set of small faces only those below it are tiny
OFF = 0.12  # of the size of a face: landmarks that are farther from where a network sees them are implausible
CLOSED = 0.6  # of the blink of the eye that is open wider
FEWEST = 5  # faces, in which a median says something


class Limits(NamedTuple):
    """Below them a face is proposed; None where the set says nothing about it."""

    sharpness: float | None
    size: float | None  # pixels of the frame


@dataclass
class Proposal:
    """A face that had better go."""

    measured: Measured
    defects: list[Defect] = field(default_factory=list)
    duplicate_of: str | None = None
    person: str | None = None

    @property
    def name(self) -> str:
        return self.measured.face.name


def limits_of(faces: Sequence[Measured], smallest: float | None) -> Limits:
    """smallest: pixels, as the person wants it."""
    sharpness = [each.sharpness for each in faces]
    sizes = [each.size for each in faces if each.size is not None]
    size = smallest
    if size is None and sizes:
        size = min(TINY, SMALL_SHARE * float(np.median(sizes)))
    return Limits(SHARP * float(np.median(sharpness)) if len(sharpness) >= FEWEST else None, size)


def propose(
    faces: Sequence[Measured], strangers: Mapping[str, str], defects: Collection[Defect], limits: Limits
) -> list[Proposal]:
    """The faces to be removed for one of `defects`, in the order of their names. strangers: name -> person."""
    found = []
    for each in faces:
        person = strangers.get(each.face.name)
        own = faults(each, limits) | ({Defect.STRANGER} if person else set())
        found.append(Proposal(each, [defect for defect in Defect if defect in own & set(defects)], person=person))
    if Defect.DUPLICATE in defects:
        quality = [(bool(each.defects), -each.measured.sharpness) for each in found]
        for number, stays in duplicates(faces, quality).items():
            found[number].defects.append(Defect.DUPLICATE)
            found[number].duplicate_of = found[stays].name
    return sorted((each for each in found if each.defects), key=lambda each: time_key(each.name))


def faults(face: Measured, limits: Limits) -> set[Defect]:
    """What is wrong with a face by itself. Where its landmarks are wrong, nothing is known of what lies between them."""
    found = set()
    if limits.size is not None and face.size is not None and face.size < limits.size:
        found.add(Defect.TINY)
    if not is_plausible(face):
        return found | {Defect.LANDMARKS}
    if limits.sharpness is not None and face.sharpness < limits.sharpness:
        found.add(Defect.BLURRED)
    if face.seen.presence > SURE and face.seen.blink > CLOSED:
        found.add(Defect.CLOSED_EYES)
    return found


def is_plausible(face: Measured) -> bool:
    """Whether a network sees a face where the landmarks are; where it is unsure, as with profiles, it decides nothing."""
    return face.seen is not None and (face.seen.presence <= SURE or face.seen.distance <= OFF)


def badness(proposal: Proposal, defect: Defect) -> float:
    """The worst of a defect first; only faces of one defect are compared."""
    face = proposal.measured
    match defect:
        case Defect.BLURRED:
            return face.sharpness
        case Defect.TINY:
            return face.size or 0.0
        case Defect.LANDMARKS:
            return -face.seen.distance if face.seen else -np.inf
        case Defect.CLOSED_EYES:
            return -face.seen.blink
    return 0.0
