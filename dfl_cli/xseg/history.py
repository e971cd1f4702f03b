"""What commands changed in the masks or labels of a face set: so that it can be undone, and a killed run goes on where it was.

The folder `.dfl-xseg` in the face set has a file for each change: `masks-0001-apply.jsonl`, `labels-0001-remove-labels.jsonl`. Lines
of JSON are only ever appended, and are on the disk before the faces they are about are changed:
    {"by": "apply", "maker": "9fe1..."}
    {"name": "00001.jpg", "face": "5f1c...", "seen": "5f1c...", "old": "gASV...", "new": "81aa...", "confidence": 0.31}
A face is known by what it shows, so nothing is lost when the pictures are sorted and get other names.
"""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from dfl_cli.errors import UserError
from dfl_cli.terminal.console import notice
from dfl_cli.terminal.names import quoted
from dfl_cli.text_files.lines import open_for_lines
from dfl_cli.text_files.schema import Fields, Number, Optional, Words, WrongField
from dfl_cli.translate import tr
from dfl_cli.xseg.labels import MASK, POLYGONS
from samplers.files.dfl_image import write_fields
from samplers.files.pickles import safe_pickle
from samplers.files.pickles.safe_pickle import Damaged, UnsafePickle
from samplers.files.regular_file import read_regular

FOLDER = ".dfl-xseg"
KINDS = {MASK: "masks", POLYGONS: "labels"}  # key of the face data -> how its files begin
KEPT = {MASK: 10, POLYGONS: None}  # changes of it that can be undone; what a person drew is never thrown away
LARGEST = 2**31  # bytes of a file; 100,000 masks have 300 MB
NOTHING = ""  # digest of a field that is not there
DECIDING = ("face_type", "landmarks", "source_landmarks")  # what a mask depends on, beside the picture


class Record(NamedTuple):
    """A change of one face, written down before it is made."""

    name: str  # of its file at that time
    face: str  # digest of what it shows
    old: str | None  # its field, pickled, in base64
    new: str  # digest of the field
    seen: str | None = None  # digest of all faces that the new value was made from
    confidence: float | None = None


class Change(NamedTuple):
    """What a command changed: `by` its name, `maker` what decides the result besides the faces."""

    path: Path
    by: str
    maker: str
    records: list[Record]


FIRST_LINE = Fields({"by": Words("[a-z-]{1,40}"), "maker": Words()})
RECORD_LINE = Fields(
    {"name": Words(), "face": Words(), "old": Optional(Words()), "new": Words()},
    {"seen": Optional(Words()), "confidence": Optional(Number())},
)


class History:
    """The changes of one field in the face set `folder`; a context manager that closes the file it appends to."""

    def __init__(self, folder: Path, field: str):
        self.folder, self.field = folder / FOLDER, field
        self._file, self._writing = None, threading.Lock()

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def files(self) -> list[Path]:
        """Of the changes, the oldest first."""
        return sorted(self.folder.glob(f"{KINDS[self.field]}-[0-9]*-*.jsonl")) if self.folder.is_dir() else []

    def last(self) -> Change | None:
        """The latest change that the disk knows anything of."""
        return next((change for path in reversed(self.files()) if (change := read_change(path))), None)

    def begin(self, by: str, maker: str) -> Change:
        """Go on with the last change where it was the same, else begin a new one."""
        change = self.last()
        if change is None or (change.by, change.maker) != (by, maker):
            change = Change(self._new_path(by), by, maker, [])
        self.folder.mkdir(exist_ok=True)
        is_new = not change.path.exists()
        self._file = open_for_lines(change.path)
        if is_new:
            self._append([{"by": by, "maker": maker}])
        return change

    def add(self, records: Iterable[Record]) -> None:
        """Write down what is about to be changed, from any thread. On the disk when this returns."""
        self._append(record._asdict() for record in records)

    def forget(self, change: Change) -> None:
        """After it was undone."""
        self.__exit__()
        change.path.unlink(missing_ok=True)
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def drop_oldest(self) -> None:
        """Keep as many changes as can be undone."""
        if most := KEPT[self.field]:
            for path in self.files()[:-most]:
                path.unlink(missing_ok=True)

    def _new_path(self, by: str) -> Path:
        numbers = [int(path.name.split("-")[1]) for path in self.files()]
        return self.folder / f"{KINDS[self.field]}-{max(numbers, default=0) + 1:04d}-{by}.jsonl"

    def _append(self, lines: Iterable[Mapping]) -> None:
        with self._writing:
            self._file.writelines(json.dumps(line).encode() + b"\n" for line in lines)
            self._file.flush()
            os.fsync(self._file.fileno())


def read_change(path: Path) -> Change | None:
    """None where not even the first line was written. What a crash left of the last line is passed over."""
    lines = lines_of(path)
    first = next(lines, None)
    if first is None or "by" not in first:
        return None
    records = [Record(**{key: line.get(key) for key in Record._fields}) for line in lines if "face" in line]
    return Change(path, first["by"], first["maker"], records)


def lines_of(path: Path) -> Iterator[Mapping]:
    for number, line in enumerate(read_regular(path, limit=LARGEST).splitlines(), start=1):
        try:
            parsed = json.loads(line)
            (FIRST_LINE if number == 1 else RECORD_LINE).check(parsed, "")
        except WrongField as error:
            notice(tr("{file}, line {line} is left out: {problem}", file=path.name, line=number, problem=str(error)))
        except (ValueError, RecursionError):  # half a line
            continue
        else:
            yield parsed


def to_undo(history: History, by: str) -> Change:
    """The last change, if it was `by` this command. Raises UserError."""
    change = history.last()
    if change is not None and change.by == by:
        return change
    place = history.folder.parent
    raise UserError(
        tr("There is nothing to undo in {folder}.", folder=place),
        saw=tr("The last change was by {by}.", by="dfl xseg " + change.by) if change else "",
        fix=tr("To undo that: dfl xseg {by} {folder} --undo", by=change.by, folder=quoted(place))
        if change
        else tr("Only what dfl itself changed in this folder can be undone."),
    )


def before(records: Sequence[Record], present: object) -> object:
    """What a field of a face, which is now `present`, was before `records`; `present` itself where somebody else has changed it since."""
    for record in reversed(records):
        if record.new == digest_of(present):
            try:
                present = unpacked(record.old)
            except (ValueError, Damaged, UnsafePickle):  # the disk has damaged the line
                break
    return present


def records_by_face(change: Change) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in change.records:
        found.setdefault(record.face, []).append(record)
    return found


def digest_of(value: object) -> str:
    """Of a field of the face data."""
    return NOTHING if value is None else blake2b(safe_pickle.dumps(value), digest_size=16).hexdigest()


def face_digest(encoded: bytes, fields: Mapping) -> str:
    """Of what a file shows, whatever masks and labels it has. Raises NotAJpeg, Damaged, FaceDataTooLarge."""
    deciding = {key: fields[key] for key in DECIDING if key in fields}
    return blake2b(write_fields(encoded, deciding), digest_size=16).hexdigest()


def joined(digests: Iterable[str]) -> str:
    """One digest of several."""
    return blake2b("\n".join(digests).encode(), digest_size=16).hexdigest()


def packed(value: object) -> str | None:
    """A field of the face data as text; the pickle is as harmless as the one in the file it is from."""
    return None if value is None else base64.b64encode(safe_pickle.dumps(value)).decode()


def unpacked(text: str | None) -> object:
    """Raises ValueError, Damaged, UnsafePickle."""
    return None if text is None else safe_pickle.loads(base64.b64decode(text))
