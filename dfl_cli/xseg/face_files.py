"""The face files of a set, one by one: found, a field of them changed so that it can be undone, and undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dfl_cli.errors import UserError
from dfl_cli.faceset.images import ImageFile, check_loose, faces_in_pack, measure_all, picture_of
from dfl_cli.faceset.loading import load_faceset
from dfl_cli.terminal.console import progress
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.terminal.names import quoted
from dfl_cli.translate import tr
from dfl_cli.xseg.history import Change, History, Record, before, digest_of, face_digest, packed, records_by_face
from dfl_cli.xseg.labels import change_fields
from samplers.files.dfl_image import FaceDataTooLarge, read_face_info
from samplers.files.face import READ_ERRORS, Face, Skipped, UnreadableImage, reason_of
from samplers.files.faces import Source
from samplers.files.reason import Fault, Reason
from samplers.files.regular_file import read_regular
from samplers.geometry.align import FlatLandmarks
from samplers.geometry.landmarks import WrongLandmarks

WRITERS = 4  # threads; they wait for the disk
FAULTS = (*READ_ERRORS, FaceDataTooLarge, FlatLandmarks, WrongLandmarks)  # of single faces; the others go on


class FaceFile(NamedTuple):
    """A face of the set as it was found."""

    face: Face
    digest: str  # of what it shows
    value: object  # of the field; None without one
    source_landmarks: np.ndarray | None  # (68, 2) pixels of the frame

    @property
    def path(self) -> Path:
        return self.face.file_range.path


class Outcome(NamedTuple):
    """What became of faces that were to be changed."""

    changed: int
    skipped: list[Skipped]
    exit_code: int  # of a signal that came in between; 0 without one


def open_loose(folder: Path, prefer: str):
    """The `Faceset` of a folder whose faces can be changed. Raises UserError where they are in a pack, or in folders of persons."""
    faces = load_faceset(folder, prefer)
    if faces.source in (Source.PACK, Source.ZIP):
        trouble = faces_in_pack(folder, faces.source.value)
        fix = tr(
            "dfl faceset unpack {folder}; then run this again, and dfl faceset pack {folder}", folder=quoted(folder)
        )
        raise UserError(trouble.what, saw=trouble.saw, fix=fix)
    check_loose(folder, faces.source)
    return faces


def scan(faces: Sequence[Face], field: str) -> tuple[list[FaceFile], list[Skipped]]:
    """What the files hold, with the value of `field`; those that cannot be read any longer are listed."""

    def look(one: ImageFile) -> FaceFile:
        with naming(one.name):
            encoded = read_regular(one.path)
            info = read_face_info(encoded)
            digest = face_digest(encoded, info.fields)
            return FaceFile(one.face, digest, info.fields.get(field), info.source_landmarks)

    found = measure_all([picture_of(face) for face in faces], look, tr("Reading faces"))
    return found.values, [Skipped(name, reason) for name, reason in found.unreadable.items()]


@contextmanager
def naming(name: str) -> Iterator[None]:
    """What is wrong with the file of one face becomes UnreadableImage with its name."""
    try:
        yield
    except FAULTS as fact:
        raise UnreadableImage(name, fault_of(fact)) from None


def fault_of(fact: Exception) -> Reason:
    """Like `reason_of`, for all of FAULTS."""
    if isinstance(fact, FaceDataTooLarge):
        return Reason(Fault.DAMAGED, str(fact))
    if isinstance(fact, (FlatLandmarks, WrongLandmarks)):
        return Reason(Fault.LANDMARKS, fact.fact)
    return reason_of(fact)


def change_field(path: Path, name: str, field: str, decide: Callable[[object], object]) -> None:
    """Change a field in the file of a face to what `decide` makes of the present value, while nobody else can change it; None removes it.

    Raises UnreadableImage; OSError where the file cannot be written.
    """

    def change(fields: dict) -> dict:
        return {**fields, field: decide(fields.get(field))}

    try:
        change_fields(path, change, faults=partial(naming, name))
    except FileNotFoundError as error:
        raise UnreadableImage(name, reason_of(error)) from None


class Job(NamedTuple):
    """A face to be changed; `decide` as of `change_field`."""

    path: Path
    name: str
    decide: Callable[[object], object]


def recorded(path: Path, history: History, record: Record, value: object) -> Job:
    """The job for a record that is in the history already.

    Where the present value is no longer as the record says, as after an edit a moment ago, that is written down first.
    """

    def decide(present: object) -> object:
        if (old := packed(present)) != record.old:
            history.add([record._replace(old=old)])
        return value

    return Job(path, record.name, decide)


def change_all(jobs: Sequence[Job], field: str, label: str) -> Outcome:
    """Change many faces, with a progress bar, until a signal comes. Raises OSError."""
    skipped: list[Skipped] = []

    def change(job: Job) -> int:
        if interrupt.signal:
            return 0
        try:
            change_field(job.path, job.name, field, job.decide)
        except UnreadableImage as error:
            skipped.append(Skipped(error.name, error.reason))
            return 0
        return 1

    changed = 0
    with Interrupt() as interrupt, ThreadPoolExecutor(WRITERS) as pool, progress(len(jobs), label, keep=False) as bar:
        for done in pool.map(change, jobs):
            changed += done
            bar.update(1)
    return Outcome(changed, skipped, interrupt.exit_code)


def undo(faces: Sequence[Face], history: History, change: Change) -> tuple[Outcome, list[str]]:
    """Bring back what the fields were before `change`; also returns the faces that somebody else has changed since, which stay.

    The change is forgotten unless a signal came in between, or a face could not be changed. Raises OSError.
    """
    files, skipped = scan(faces, history.field)
    by_face, jobs, others = records_by_face(change), [], []
    for file in files:
        records = by_face.get(file.digest, [])
        records = [
            one for one in records if one.name == file.face.name
        ] or records  # of two equal pictures the right one
        decide = partial(before, records)
        if digest_of(decide(file.value)) != digest_of(file.value):
            jobs.append(Job(file.path, file.face.name, decide))
        elif (
            records and digest_of(file.value) != records[-1].new and packed(file.value) not in {r.old for r in records}
        ):
            others.append(file.face.name)
    outcome = change_all(jobs, history.field, tr("Undoing"))
    if not outcome.exit_code and not outcome.skipped:
        history.forget(change)
    return outcome._replace(skipped=[*skipped, *outcome.skipped]), others
