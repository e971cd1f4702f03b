"""The journal of a merge, `.dfl-merge.jsonl` in the folder of the merged pictures: what each result there was made from.

Lines of JSON that are only ever appended, so that no moment of a crash can lose more than the last:
    {"begun": ["00001", "00002"]}                                                  the results of these frames are being written
    {"frame": "00001", "digest": "5f1c...", "files": {"picture": "812345-9fe1..."}}   written; digest null: only copied
Together they tell our files from those of somebody else, and whole ones from those that were cut short or changed since. A shard
(`--shard 2/8`) writes a file of its own beside it, see `dfl_cli/shards/files.py`, which begins with
    {"shard": "2/8", "settings": "9a3e..."}                                        a digest of what all shards have in common
"""

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

from dfl_cli.shards.files import latest_files, new_shard_file, shard_files, take_in
from dfl_cli.shards.shard import Shard
from dfl_cli.store.lock import FolderLock
from dfl_cli.store.shard_lock import OtherSettings, ShardLock
from dfl_cli.terminal.console import notice
from dfl_cli.text_files.lines import open_for_lines
from dfl_cli.text_files.schema import Fields, ListOf, MapOf, Optional, Words, WrongField
from dfl_cli.translate import tr
from samplers.files.names import Spellings
from samplers.files.regular_file import LARGEST_TEXT, LARGEST_TYPED, open_regular, read_regular

FILE_NAME = ".dfl-merge.jsonl"


BEGUN_LINE = Fields({"begun": ListOf(Words())})
SHARD_LINE = Fields({"shard": Words(), "settings": Words()})
FINISHED_LINE = Fields({"frame": Words(), "digest": Optional(Words()), "files": MapOf(Optional(Words()))})


class Entry(NamedTuple):
    """What became of a frame."""

    digest: str | None  # of all that decides how its results look; None where it is to be done again in any case
    files: (
        Mapping[str, str] | None
    )  # picture, mask, copy -> file_fingerprint; None: begun, so whatever lies there is ours


BEGUN = Entry(None, None)


class ShardOfMerge(NamedTuple):
    """A shard and how it merges. settings: see SHARD_LINE; again: also where earlier shards had other settings."""

    shard: Shard
    settings: str
    again: bool = False


class Journal:
    """The journal in the folder `pictures`, also for results in the folder `masks`; a context manager that closes the file.

    One process writes at a time, or several shards: the first note or lock of another raises InUse.
    """

    def __init__(self, pictures: Path, masks: Path | None = None, *, part: ShardOfMerge | None = None):
        """part: of the frames; None: all of them are this process's"""
        self.path, self.part = pictures / FILE_NAME, part
        self.folders = [folder for folder in (pictures, masks) if folder]
        self._read()
        self._file, self._own_path, self._is_used, self._lock = None, self.path, False, ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        if self._file is not None:
            is_empty = not self._is_used and (self.part or not self._file.seek(0, os.SEEK_END))
            self._file.close()
            self._file = None
            if is_empty:
                self._own_path.unlink(missing_ok=True)
        self._lock.close()

    def latest(self, stem: str) -> Entry | None:
        """The latest about the frame; None if the journal does not know it."""
        return self.entries.get(stem) or self.entries.get(self.spellings.find(stem))

    def lock(self) -> None:
        """Keep other merges out of the folder from now on, before anything is noted; what one has noted meanwhile counts."""
        if self._file is not None:
            return
        with ExitStack() as locks:
            for folder in self.folders:
                locks.enter_context(ShardLock(folder, *self.part[:2]) if self.part else FolderLock(folder))
            self._open()
            self._lock = locks.pop_all()
        self._read()

    def _open(self) -> None:
        """The folders are locked. Raises OtherSettings."""
        if not self.part:
            take_in(self.path)
            self._file = open_for_lines(self.path)
            return
        if not self.part.again:
            refuse_other_settings(self.path, self.part.settings)
        self._own_path, self._file = new_shard_file(self.path, self.part.shard)
        self._write({"shard": str(self.part.shard), "settings": self.part.settings})

    def _read(self) -> None:
        self.entries = read_entries(self.path)
        self.spellings = Spellings(self.entries)  # of earlier merges, perhaps on another system

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
        self._is_used = True
        self._write(line)

    def _write(self, line: Mapping) -> None:
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()


def refuse_other_settings(path: Path, settings: str) -> None:
    """Raises OtherSettings where the shards that began last beside the journal `path` merged with others than `settings`."""
    for file in latest_files(path):
        with open_regular(file) as lines, suppress(ValueError, TypeError, RecursionError):  # WrongField is a ValueError
            header = json.loads(lines.readline(LARGEST_TYPED))
            SHARD_LINE.check(header, "")
            if header["settings"] != settings:
                raise OtherSettings(path.parent, file, header["shard"], is_running=False)


def read_entries(path: Path) -> dict[str, Entry]:
    """The latest entry of each frame in the journal `path` and those of shards beside it."""
    entries: dict[str, Entry] = {}
    for file in [path, *shard_files(path)]:
        entries |= entries_of(file)
    return entries


def entries_of(path: Path) -> dict[str, Entry]:
    """The latest entry of each frame in one file; lines that are none, as the last after a crash, are passed over."""
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
    if "shard" in line:
        return {}
    if "begun" in line:
        BEGUN_LINE.check(line, "")
        return dict.fromkeys(line["begun"], BEGUN)
    FINISHED_LINE.check(line, "")
    return {line["frame"]: Entry(line["digest"], dict(line["files"]))}
