"""`dfl faceset identify`: who is in a face set, and which faces are of somebody else than the one it is meant for."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.errors import UserError
from dfl_cli.extract.people.census import Census, take_census
from dfl_cli.extract.people.contact_sheet import FACES, ROWS, SIDE, contact_sheet, samples, save_sheet
from dfl_cli.extract.people.references import Reference
from dfl_cli.extract.people.wanted import Letters, ask_letters, parts_of_letters, parts_of_references, people_text
from dfl_cli.extract.records import THUMBNAIL, FaceRecord, FrameRecord
from dfl_cli.face_networks.identity import SAME, UNSURE, Identity
from dfl_cli.faceset.images import ImageFile, measure_all, picture_of
from dfl_cli.faceset.loading import report_skipped, skipped_facts
from dfl_cli.faceset.renames import NameTaken
from dfl_cli.faceset.sort import name_taken, open_renames
from dfl_cli.frames import time_key
from dfl_cli.terminal.names import quoted, shortened
from dfl_cli.translate import listed, ntr, tr
from samplers.files.faces import Face, Skipped

BY = "identify"  # in the history of the folder
FEW = 5  # faces of somebody, below which a likeness from UNSURE to SAME decides nothing
NAMES_SHOWN = 20


class Known(NamedTuple):
    """What is known of a face of the set."""

    face: Face
    record: FaceRecord
    frame: str | None  # name of the frame it was cut from; None where the face data does not say


@dataclass(frozen=True, eq=False)
class Identified:
    """Everybody in a face set. names: of the files, by their records."""

    census: Census
    known: Mapping[FaceRecord, Known]
    skipped: Sequence[Skipped]

    def faces_of(self, parts: Collection[int]) -> list[Face]:
        return [self.known[record].face for _, record in self.census.faces_of(parts)]


@dataclass(frozen=True)
class Verdict:
    """kept: names of people, empty where no reference fits one. strangers: name of the file -> whose face it is. unsure: files."""

    kept: Sequence[str]
    strangers: Mapping[str, str]
    unsure: Sequence[str]


def identify(faces: Sequence[Face]) -> Identified:
    """Look at all faces of a set; those that cannot be read are named."""
    local = threading.local()

    def look(one: ImageFile) -> Known:
        if not hasattr(local, "network"):
            local.network = Identity()
        picture = one.face.read()
        return known_face(one.face, local.network.vector(picture, one.face.landmarks))

    found = measure_all([picture_of(face) for face in faces], look, tr("Looking at faces"))
    skipped = [Skipped(name, reason) for name, reason in found.unreadable.items()]
    report_skipped(skipped)
    census = take_census(frames_of(found.values), strange=UNSURE, exclusive=False)
    return Identified(census, {one.record: one for one in found.values}, skipped)


def known_face(face: Face, identity: np.ndarray) -> Known:
    """Raises UnreadableImage."""
    info = face.read_info()
    points = info.source_landmarks
    has_source = points is not None and np.shape(points) == (68, 2) and face.source_filename is not None
    points = np.float32(points if has_source else face.landmarks)
    box = (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())
    return Known(face, FaceRecord(box, points, 1.0, 1.0, identity), face.source_filename if has_source else None)


def frames_of(known: Sequence[Known]) -> list[FrameRecord]:
    """The frames that the faces were cut from, in the order of their names; each face without one is a shot of its own."""
    by_name: dict[str, list[FaceRecord]] = {}
    for one in known:
        if one.frame is not None:
            by_name.setdefault(one.frame, []).append(one.record)
    gray = np.zeros((THUMBNAIL, THUMBNAIL), np.uint8)
    frames = [FrameRecord(name, (1, 1), "", gray, tuple(by_name[name])) for name in sorted(by_name, key=time_key)]
    alone = [one for one in known if one.frame is None]
    return frames + [
        FrameRecord(one.face.name, (2, number), "", gray, (one.record,)) for number, one in enumerate(alone, start=1)
    ]


def judge(found: Identified, parts: Collection[int]) -> Verdict:
    """Which faces are of somebody else than the tracks `parts`. A few faces that may be theirs are unsure, never strangers."""
    census = found.census
    kept = [one for one in census.grouping.people if not set(one.parts).isdisjoint(parts)]
    wanted = [census.parts[number].identity for number in parts]
    strangers, unsure = {}, found.faces_of(set(census.grouping.unsure) - set(parts))
    for person in census.grouping.people:
        if person in kept:
            continue
        alike = max((float(person.identity @ identity) for identity in wanted), default=0.0)
        theirs = found.faces_of(person.parts)
        if person.count < FEW and UNSURE <= alike < SAME:
            unsure += theirs
        else:
            strangers |= {face.name: person.name for face in theirs}
    names = sorted(strangers, key=time_key)
    return Verdict(
        [one.name for one in kept], {name: strangers[name] for name in names}, sorted(f.name for f in unsure)
    )


def wanted_parts(
    found: Identified, *, person: str | None, references: Sequence[Reference], asks: bool
) -> frozenset[int]:
    """The tracks of the person that the set is meant for: as wished, else the one with the most faces. Raises UserError."""
    census = found.census
    names = tuple(census.counts)
    if references:
        return parts_of_references(census, references)
    kind = Letters(names, only_one=False)
    if person is not None:
        return parts_of_letters(census, kind, person)
    letters = ask_letters(census, kind, names[:1]) if asks and len(names) > 1 else names[:1]
    return census.parts_of(letters or names)


def write_sheet(found: Identified, folder: Path) -> Path | None:
    """Faces of everybody in a picture beside the set; None where it cannot be written, which is reported."""
    rows = []
    for person in found.census.grouping.people[:ROWS]:
        chosen = samples(found.faces_of(person.parts), quality=lambda face: 0.0)[:FACES]
        rows.append((f"{person.name}  {person.count}", [shrunk(face) for face in chosen]))
    return save_sheet(folder, contact_sheet(rows))


def shrunk(face: Face) -> np.ndarray:
    return cv2.resize(face.read(), (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def move_away(folder: Path, names: Collection[str], *, by: str = BY) -> Path:
    """To the trash folder beside, where they are told to be; `undo` brings them back. The folder is locked. Raises UserError."""
    renames = open_renames(folder)
    try:
        renames.sort([], names, by=by)
    except NameTaken as error:
        raise name_taken(error) from error
    return renames.trash


def undo(folder: Path, *, by: str = BY) -> int:
    """How many faces came back that the last command `by` moved away. The folder is locked. Raises UserError."""
    renames = open_renames(folder)
    if not renames.done or renames.done[-1]["by"] != by:
        raise UserError(
            tr("There is nothing to undo in {folder}.", folder=folder),
            saw=tr("The last change was by {by}.", by=renames.done[-1]["by"]) if renames.done else "",
            fix=tr("dfl faceset sort {folder} --undo takes back a sort.", folder=quoted(folder)),
        )
    count = len(renames.done[-1]["moves"])
    try:
        return count - len(renames.undo())
    except NameTaken as error:
        raise name_taken(error) from error


def lines(found: Identified, verdict: Verdict, sheet: Path | None) -> list[str]:
    """For a person."""
    said = [people_text(found.census.counts, of_set=True)]
    if sheet:
        said.append(tr("Pictures of everybody: {path}", path=sheet))
    if verdict.kept:
        said.append(tr("Wanted: {names}", names=listed(verdict.kept)))
    if count := len(verdict.strangers):
        names = shortened(list(verdict.strangers), NAMES_SHOWN)
        said.append(
            ntr("{count} face of others: {names}", "{count} faces of others: {names}", count=count, names=names)
        )
    if count := len(verdict.unsure):
        names = shortened(verdict.unsure, NAMES_SHOWN)
        said.append(
            ntr(
                "{count} face is unsure and stays: {names}",
                "{count} faces are unsure and stay: {names}",
                count=count,
                names=names,
            )
        )
    return said


def facts(found: Identified, verdict: Verdict, sheet: Path | None, moved_to: Path | None) -> dict:
    """What --json prints."""
    return {
        "people": [{"name": name, "faces": count} for name, count in found.census.counts.items()],
        "wanted": list(verdict.kept),
        "strangers": [{"name": name, "person": person} for name, person in verdict.strangers.items()],
        "unsure": list(verdict.unsure),
        "skipped": skipped_facts(found.skipped),
        "sheet": sheet and str(sheet),
        "moved_to": moved_to and str(moved_to),
    }
