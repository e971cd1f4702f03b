"""Complete files that take the place of others in a folder: all of them, also where the process is killed in between.

They wait in a hidden folder with a list of the steps. Whoever uses the folder next completes these.
"""

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.options.outputs import free_path
from dfl_cli.store.durable import json_bytes, read_json
from dfl_cli.store.lock import FolderLock
from dfl_cli.terminal.console import notice
from dfl_cli.terminal.interrupt import unbroken
from dfl_cli.translate import tr
from samplers.files.atomic_file import sync, write_atomically
from samplers.files.names import fitting

WAITING = ".dfl-install"
STEPS = "steps.json"  # in it: names of files to delete, to move to <folder>_trash, and to place, in this order
KINDS = ("delete", "set_aside", "place")


def install(
    folder: Path, staging: Path, place: Sequence[str], *, delete: Iterable[str] = (), set_aside: Iterable[str] = ()
) -> None:
    """Put the files `place` of `staging`, a folder in `folder` that holds nothing else, into `folder` in this order.

    Until they are all there, what was killed can be completed. Before them the files `delete` go, and the files `set_aside`
    move to <folder>_trash; what is in `place` too may only be deleted. Raises OSError.
    """
    steps = {"delete": list(delete), "set_aside": list(set_aside), "place": list(place)}
    write_atomically(staging / STEPS, json_bytes(steps))
    staging.rename(folder / WAITING)
    complete(folder)


def complete_interrupted(folder: Path) -> None:
    """Complete what was killed while it put files into `folder`; the person is told. Raises InUse, UserError, OSError."""
    if os.path.lexists(folder / WAITING):
        with FolderLock(folder):
            complete_killed(folder)


def complete_killed(folder: Path) -> None:
    """`complete_interrupted` for whoever has locked the folder."""
    waiting = folder / WAITING
    if (waiting / STEPS).is_file():
        complete(folder)
        notice(tr("Completed what an interrupted command had begun in {folder}.", folder=folder))
    elif os.path.lexists(waiting):  # all of its files are in place
        waiting.rmdir()


def complete(folder: Path) -> None:
    """The steps; they may be begun again after any of them."""
    waiting, steps = folder / WAITING, read_steps(folder)
    with unbroken():
        if all((waiting / name).exists() for name in steps["place"]):  # else new files may have these names
            for name in steps["delete"]:
                (folder / name).unlink(missing_ok=True)
            move_to_trash(folder, steps["set_aside"])
        for name in steps["place"]:
            with contextlib.suppress(FileNotFoundError):  # placed before the interruption
                (waiting / name).replace(folder / name)
        sync(folder)
        (waiting / STEPS).unlink()
        waiting.rmdir()


def trash_beside(folder: Path) -> Path:
    return folder.with_name(fitting(folder.name, "_trash"))


def move_to_trash(folder: Path, names: Iterable[str]) -> None:
    trash = trash_beside(folder)
    for name in names:
        trash.mkdir(exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            (folder / name).rename(free_path(trash / name))


def read_steps(folder: Path) -> dict[str, list[str]]:
    """Plain names only: the file may come from a stranger. Raises UserError."""
    path = folder / WAITING / STEPS
    try:
        found = {kind: list(read_json(path)[kind]) for kind in KINDS}
        if not all(is_plain(name) for names in found.values() for name in names):
            raise ValueError(path)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(
            tr("What was interrupted in {folder} cannot be completed.", folder=folder),
            saw=str(path),
            fix=tr("Delete the folder {folder}, then start again.", folder=folder / WAITING),
        ) from error
    return found


def is_plain(name: object) -> bool:
    return isinstance(name, str) and name not in ("", ".", "..") and not set(name) & set("/\\\0")
