"""Photos of the person that is wanted, and who in an extraction that is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dfl_cli.errors import UserError
from dfl_cli.extract.analysis import FaceNetworks, look_at
from dfl_cli.extract.people.grouping import ENOUGH, Grouping, Part
from dfl_cli.face_networks.identity import SAME, UNSURE
from dfl_cli.frames import UnreadableFrame, read_frame
from dfl_cli.translate import ntr, system_reason, tr
from samplers.files.faces import Face, read_face

BYSTANDER = 0.25  # of the area of the largest face in a photo: smaller ones are not meant


class Reference(NamedTuple):
    """A photo and who it shows, (128,) of length 1."""

    path: Path
    identity: np.ndarray


def read_references(paths: Sequence[Path], networks: FaceNetworks) -> list[Reference]:
    """Raises UserError where a photo does not show exactly one person."""
    return [read_reference(path.expanduser().absolute(), networks) for path in paths]


def read_reference(path: Path, networks: FaceNetworks) -> Reference:
    try:
        picture = read_frame(path)
    except (UnreadableFrame, OSError) as error:
        reason = error.text if isinstance(error, UnreadableFrame) else system_reason(error)
        raise UserError(tr("Cannot read {path}.", path=path), saw=reason, fix=tr("Check the path.")) from error
    known = read_face(path, path.name)
    if isinstance(known, Face) and known.shape == picture.shape[:2]:
        return Reference(path, networks.identity.vector(picture, known.landmarks))
    faces = [face for face in look_at(picture, networks, alone=True).faces if face.is_sure]
    faces = [face for face in faces if face.area > BYSTANDER * faces[0].area]
    if len(faces) != 1:
        raise UserError(
            tr("{path} does not show exactly one person.", path=path),
            saw=ntr("{count} face", "{count} faces", count=len(faces)),
            fix=tr("Use a photo of the wanted person alone, or cut the others off."),
        )
    return Reference(path, faces[0].identity)


def parts_like(references: Sequence[Reference], grouping: Grouping, parts: Sequence[Part]) -> frozenset[int]:
    """The parts that are of a person on the references."""
    found: set[int] = set()
    for reference in references:
        found |= parts_like_one(reference.identity, grouping, parts)
    return frozenset(found)


def parts_like_one(identity: np.ndarray, grouping: Grouping, parts: Sequence[Part]) -> set[int]:
    """Everybody who surely is the one with `identity`, else the only one who may be; never two who share a frame."""
    alike = sorted(((float(one.identity @ identity), one) for one in grouping.people), key=lambda pair: -pair[0])
    sure = [one for value, one in alike if value >= SAME]
    perhaps = [one for value, one in alike if UNSURE <= value < SAME and one.count >= ENOUGH]
    if not sure and len(perhaps) == 1:
        sure = perhaps
    found, moments = set(), set()
    candidates = [one.parts for one in sure]
    candidates += [(number,) for number in grouping.unsure if float(parts[number].identity @ identity) >= SAME]
    for numbers in candidates:
        here = set().union(*(parts[number].moments for number in numbers))
        if moments.isdisjoint(here):
            found.update(numbers)
            moments |= here
    return found


def closest(references: Sequence[Reference], grouping: Grouping) -> tuple[str, float]:
    """Name of the person most like a reference, and how alike (scalar product). There is somebody."""
    return max(
        ((one.name, float(one.identity @ each.identity)) for one in grouping.people for each in references),
        key=lambda pair: pair[1],
    )
