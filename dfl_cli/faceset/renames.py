"""Renaming many pictures of a folder at once, so that it can be undone and an interruption loses nothing.

A file `.dfl-sort.json` in the folder holds what is going on and what was done. A rename has two stages: every picture goes aside
to a name nobody else has, then to its new name; each stage is written down before it begins. `finish` completes what was
interrupted. Pictures sorted out go to the folder beside, `<name>_trash`; nothing is ever deleted.
"""

import json
import os
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from dfl_cli.terminal.interrupt import unbroken
from dfl_cli.text_files.schema import Fields, ListOf, Optional, Whole, Words, WrongField, read_checked, wrong
from dfl_cli.translate import tr
from samplers.files.atomic_file import write_atomically
from samplers.files.faces import IMAGE_SUFFIXES
from samplers.files.names import byte_length, fitting
from samplers.files.regular_file import read_regular

JOURNAL = ".dfl-sort.json"
FORMAT = 1
IN_TRASH = "trash/"  # begins a place in the trash folder; others are names in the folder itself
LONGEST_NAME = 200  # bytes of a name that an ordinal may still be put before


class NameTaken(Exception):
    """A file has appeared, or always was, where a picture is to go; nothing was overwritten."""

    def __init__(self, path: Path):
        super().__init__(str(path))
        self.path = path


class BadJournal(Exception):
    """The file about renames cannot be used; `problem` names the field and what is wrong with it."""

    def __init__(self, path: Path, problem: str):
        super().__init__(f"{path}: {problem}")
        self.path, self.problem = path, problem


class Move(NamedTuple):
    """One picture: where it was, where it waits, where it goes."""

    old: str
    temporary: str
    new: str


class Renames:
    """The renames of one folder; raises BadJournal."""

    def __init__(self, folder: Path):
        self.folder, self.trash = folder, folder.with_name(fitting(folder.name, "_trash"))
        self.journal = folder / JOURNAL
        self.pending, self.done = self._read()

    def path(self, place: str) -> Path:
        return self.trash / place.removeprefix(IN_TRASH) if place.startswith(IN_TRASH) else self.folder / place

    def sort(self, order: Sequence[str], trash: Iterable[str], *, by: str) -> None:
        """Number the pictures in `order` from 00000, move those in `trash` to the trash folder. Raises NameTaken."""
        names = numbered(order)
        moves = [(old, new) for old, new in names.items() if old != new]
        taken: set[str] = set()
        moves += [(name, IN_TRASH + self._free(self.trash, name, taken)) for name in trash]
        if moves:
            self._begin(moves, [*self.done, {"by": by, "moves": [[old, new] for old, new in moves]}])

    def rename(self, names: Mapping[str, str], *, by: str) -> None:
        """Give pictures other names, old -> new. Raises NameTaken."""
        moves = list(names.items())
        self._begin(moves, [*self.done, {"by": by, "moves": [[old, new] for old, new in moves]}])

    def undo(self) -> list[str]:
        """Give the pictures of the last sort their names back; returns the pictures that are no longer there."""
        missing = self.missing()
        there = [(new, old) for old, new in self.done[-1]["moves"] if os.path.lexists(self.path(new))]
        leaving = {new for new, _ in there}
        taken: set[str] = set()
        moves = [(new, self._free(self.folder, old, taken, leaving=leaving)) for new, old in there]
        self._begin(moves, self.done[:-1])
        return missing

    def trashed(self) -> list[str]:
        """The names that pictures in the trash had in the folder, those that went last at the end."""
        moves = (move for done in self.done for move in done["moves"])
        return [old for old, new in moves if new.startswith(IN_TRASH) and os.path.lexists(self.path(new))]

    def restore(self, names: Iterable[str]) -> list[str]:
        """Bring pictures back from the trash under the `names` they had, or like them; returns those that came.

        Of several pictures with one name that is the last.
        """
        places = {old: new for done in self.done for old, new in done["moves"] if new.startswith(IN_TRASH)}
        there = {name: places[name] for name in names if name in places and os.path.lexists(self.path(places[name]))}
        if there:
            taken: set[str] = set()
            moves = [(place, self._free(self.folder, name, taken)) for name, place in there.items()]
            self._begin(moves, without(self.done, set(there.values())))
        return list(there)

    def missing(self) -> list[str]:
        """The pictures of the last sort that are no longer there, by the names they had before it."""
        return [old for old, new in self.done[-1]["moves"] if not os.path.lexists(self.path(new))]

    def finish(self) -> bool:
        """Complete an interrupted rename; whether there was one. Raises NameTaken."""
        if self.pending is None:
            return False
        trash = self.trash if self.trash.exists() else self.trash.parent
        quick = self.folder.stat().st_dev == trash.stat().st_dev  # else pictures are copied, which may take long
        with unbroken() if quick else nullcontext():
            self._continue()
        return True

    def _begin(self, moves: Sequence[tuple[str, str]], done_after: list[dict]) -> None:
        leaving = {old for old, _ in moves}
        for _, new in moves:
            if new not in leaving and os.path.lexists(self.path(new)):
                raise NameTaken(self.path(new))
        planned = [Move(old, self._temporary_name(number, old), new) for number, (old, new) in enumerate(moves)]
        self.pending = {"stage": "aside", "moves": planned, "done_after": done_after}
        self._write()
        self.finish()

    def _continue(self) -> None:
        moves = self.pending["moves"]
        if self.pending["stage"] == "aside":
            for move in moves:
                self._move(move.old, move.temporary)
            self.pending["stage"] = "place"
            self._write()
        if any(move.new.startswith(IN_TRASH) for move in moves):
            self.trash.mkdir(exist_ok=True)
        for move in moves:
            self._move(move.temporary, move.new)
        self.done, self.pending = self.pending["done_after"], None
        self._write()

    def _move(self, old: str, new: str) -> None:
        """Move a picture that may have been moved already, or may have been taken away by the person meanwhile."""
        source, target = self.path(old), self.path(new)
        if not os.path.lexists(source):
            return
        if on_one_disk(source, target):
            if os.path.lexists(target):
                raise NameTaken(target)
            source.rename(target)
        else:
            move_across_disks(source, target)

    def _temporary_name(self, number: int, place: str) -> str:
        name = place.removeprefix(IN_TRASH)
        readable = f"{number:05d}~{name}"  # enough for a person to set things right without the journal
        if byte_length(name) <= LONGEST_NAME and not os.path.lexists(self.path(readable)):
            return readable
        return self._free(self.folder, f"{number:05d}~{Path(name).suffix}", set())

    def _free(self, folder: Path, name: str, taken: set[str], *, leaving: Iterable[str] = ()) -> str:
        """`name`, or one like it, that no file in `folder` has or is about to get."""
        free, number = name, 2
        while free in taken or (os.path.lexists(folder / free) and free not in leaving):
            free = fitting(Path(name).stem, f"_{number}{Path(name).suffix}")
            number += 1
        taken.add(free)
        return free

    def _write(self) -> None:
        content = {"format": FORMAT, "done": self.done, "pending": self.pending}
        if not self.done and not self.pending:
            self.journal.unlink(missing_ok=True)
            return
        write_atomically(self.journal, [json.dumps(content).encode()])

    def _read(self) -> tuple[dict | None, list[dict]]:
        if not self.journal.exists():
            return None, []
        try:
            content = read_checked(self.journal, SORT_JOURNAL)
        except WrongField as error:
            raise BadJournal(self.journal, error.problem) from None
        return parsed_pending(content["pending"]), content["done"]


def without(done: Iterable[dict], places: Collection[str]) -> list[dict]:
    """The history without the moves to these `places`."""
    left = [{**one, "moves": [move for move in one["moves"] if move[1] not in places]} for one in done]
    return [one for one in left if one["moves"]]


def numbered(names: Sequence[str]) -> dict[str, str]:
    """Each name with its number in the order for a new one: 00000.jpg, 00001.jpg ..."""
    digits = max(5, len(str(len(names))))
    return {name: f"{number:0{digits}d}{Path(name).suffix}" for number, name in enumerate(names)}


def on_one_disk(source: Path, target: Path) -> bool:
    return source.lstat().st_dev == target.parent.stat().st_dev


def move_across_disks(source: Path, target: Path) -> None:
    """Move to another disk; the picture is whole at one of both places at any time. Raises NameTaken."""
    picture = read_regular(source)
    if not os.path.lexists(target):
        write_atomically(target, [picture])
        shutil.copystat(source, target)
    elif read_regular(target) != picture:  # an equal one was carried there before an interruption
        raise NameTaken(target)
    source.unlink()


def parsed_pending(value: dict | None) -> dict | None:
    return value and {**value, "moves": [Move(*move) for move in value["moves"]]}


class Place:
    """The name of a picture in the folder or its trash; the file may come from a stranger."""

    def check(self, value, field):
        name = value.removeprefix(IN_TRASH) if isinstance(value, str) else ""
        if name != Path(name).name or "/" in name or "\\" in name or Path(name).suffix.lower() not in IMAGE_SUFFIXES:
            raise wrong(field, value, tr("the name of an image"))


ORDER = Words("[a-z-]{1,40}")  # it is printed, so nothing else may stand there
DONE = ListOf(Fields({"by": ORDER, "moves": ListOf(ListOf(Place(), 2))}))
PENDING = Fields({"stage": Words("aside|place"), "moves": ListOf(ListOf(Place(), 3)), "done_after": DONE})
SORT_JOURNAL = Fields({"pending": Optional(PENDING), "done": DONE}, {"format": Whole(FORMAT, FORMAT)})
