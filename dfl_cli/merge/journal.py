"""The journal of a merge, `.dfl-merge.jsonl` in the folder of the merged pictures: what each result there was made from.

Lines of JSON that are only ever appended, so that no moment of a crash can lose more than the last:
    {"begun": ["00001", "00002"]}                                                  the results of these frames are being written
    {"frame": "00001", "digest": "5f1c...", "files": {"picture": "812345-9fe1..."}}   written; digest null: only copied
Together they tell our files from those of somebody else, and whole ones from those that were cut short or changed since.
"""

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from dfl_cli.store.lock import FolderLock
from dfl_cli.terminal.console import notice
from dfl_cli.text_files.lines import open_for_lines
from dfl_cli.text_files.schema import Fields, ListOf, MapOf, Optional, Words, WrongField
from dfl_cli.translate import tr
from samplers.files.names import Spellings
from samplers.files.regular_file import LARGEST_TEXT, read_regular

FILE_NAME = ".dfl-merge.jsonl"


BEGUN_LINE = Fields({"begun": ListOf(Words())})
FINISHED_LINE = Fields({"frame": Words(), "digest": Optional(Words()), "files": MapOf(Optional(Words()))})


class Entry(NamedTuple):
    """What became of a frame."""

    digest: str | None  # of all that decides how its results look; None where it is to be done again in any case
    files: (
        Mapping[str, str] | None
    )  # picture, mask, copy -> file_fingerprint; None: begun, so whatever lies there is ours


BEGUN = Entry(None, None)


class Journal:
    """The journal in the folder `pictures`, also for results in the folder `masks`; a context manager that closes the file.

    One process writes at a time: the first note or lock of another raises InUse.
    """

    def __init__(self, pictures: Path, masks: Path | None = None):
        self.path = pictures / FILE_NAME
        self.folders = [folder for folder in (pictures, masks) if folder]
        self.entries = read_entries(self.path)
        self.spellings = Spellings(self.entries)  # of earlier merges, perhaps on another system
        self._file, self._lock = None, ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        if self._file is not None:
            is_empty = not self._file.seek(0, os.SEEK_END)
            self._file.close()
            self._file = None
            if is_empty:
                self.path.unlink(missing_ok=True)
        self._lock.close()

    def latest(self, stem: str) -> Entry | None:
        """The latest about the frame; None if the journal does not know it."""
        return self.entries.get(stem) or self.entries.get(self.spellings.find(stem))

    def lock(self) -> None:
        """Keep other merges out of the folder from now on, before anything is noted; what one has noted meanwhile counts."""
        if self._file is None:
            with ExitStack() as locks:
                for folder in self.folders:
                    locks.enter_context(FolderLock(folder))
                self._lock = locks.pop_all()
            self._file = open_for_lines(self.path)
            self.entries = read_entries(self.path)
            self.spellings = Spellings(self.entries)

    def begin(self, stems: Iterable[str]) -> None:
        """Note, before the first byte of them is written, that results of these frames are ours. On the disk when this returns."""
        stems = list(stems)
        self._append({"begun": stems})
        os.fsync(self._file.fileno())
        self.entries.update(dict.fromkeys(stems, BEGUN))

    def finish(self, stem: str, digest: str | None, files: Mapping[str, str]) -> None:
        """Note that the results of a frame are written."""
        self._append({"frame": stem, "digest": digest, "files": dict(files)})
        self.entries[stem] = Entry(digest, files)

    def _append(self, line: Mapping) -> None:
        self.lock()
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()


def read_entries(path: Path) -> dict[str, Entry]:
    """The latest entry of each frame; lines that are none, as the last after a crash, are passed over."""
    entries: dict[str, Entry] = {}
    try:
        lines = read_regular(path, limit=LARGEST_TEXT).splitlines()
    except FileNotFoundError:
        return entries
    for number, line in enumerate(lines, start=1):
        try:
            entries.update(entries_in(json.loads(line)))
        except WrongField as error:
            notice(tr("{file}, line {line} is left out: {problem}", file=path.name, line=number, problem=str(error)))
        except (ValueError, TypeError, RecursionError):  # half a line
            continue
    return entries


def entries_in(line: Mapping) -> dict[str, Entry]:
    """The entries one line stands for. Raises for anything but a line of ours."""
    if "begun" in line:
        BEGUN_LINE.check(line, "")
        return dict.fromkeys(line["begun"], BEGUN)
    FINISHED_LINE.check(line, "")
    return {line["frame"]: Entry(line["digest"], dict(line["files"]))}
