"""Complete files that take the place of others in a folder: all of them, also where the process is killed in between.

They wait in a hidden folder with a list of the steps. Whoever uses the folder next completes these.
"""

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from dfl_cli.errors import UserError
from dfl_cli.store.durable import json_bytes, sha256
from dfl_cli.store.lock import FolderLock
from dfl_cli.terminal.console import notice
from dfl_cli.terminal.interrupt import unbroken
from dfl_cli.text_files.schema import Fields, ListOf, Words, WrongField, read_checked
from dfl_cli.translate import tr
from samplers.files.atomic_file import sync, write_atomically
from samplers.files.names import fitting, free_path

WAITING = ".dfl-install"
STEPS = "steps.json"  # in it: names of files to delete, to move to <folder>_trash, and to place, in this order
PLAIN_NAME = r"(?!\.{1,2}$)[^/\\\0]+"
NAMES = ListOf(Words(PLAIN_NAME))
STEPS_OF = Fields(
    {"delete": NAMES, "set_aside": NAMES, "place": NAMES, "last": Words(f"({PLAIN_NAME})?"), "replaced": Words()}
)


def install(
    folder: Path,
    staging: Path,
    place: Sequence[str],
    *,
    delete: Iterable[str] = (),
    set_aside: Iterable[str] = (),
    last: str = "",
) -> None:
    """Put the files `place` of `staging`, a folder in `folder` that holds nothing else, into `folder` in this order.

    Until they are all there, what was killed can be completed. Before them the files `delete` go, and the files `set_aside`
    move to <folder>_trash; what is in `place` too may only be deleted. Raises OSError.

    last  the file of `place` without which there is no result: if another program writes it after a kill, nothing is completed
    """
    replaced = sha256(folder / last) if last and (folder / last).exists() else ""
    steps = {"delete": list(delete), "set_aside": list(set_aside), "place": list(place)}
    steps |= {"last": last, "replaced": replaced}
    write_atomically(staging / STEPS, json_bytes(steps))
    staging.rename(folder / WAITING)
    complete(folder)


def complete_interrupted(folder: Path) -> None:
    """Complete what was killed while it put files into `folder`; this is reported. Raises InUse, UserError, OSError."""
    if os.path.lexists(folder / WAITING):
        with FolderLock(folder):
            complete_killed(folder)


def complete_killed(folder: Path) -> None:
    """`complete_interrupted` for whoever has locked the folder."""
    waiting = folder / WAITING
    if (waiting / STEPS).is_file():
        refuse_newer(folder)
        complete(folder)
        notice(tr("Completed what an interrupted command had begun in {folder}.", folder=folder))
    elif os.path.lexists(waiting):  # all of its files are in place
        waiting.rmdir()


def refuse_newer(folder: Path) -> None:
    """Raises UserError where another program has written the last file since, as DeepFaceLab does with a model of that name."""
    steps = read_steps(folder)
    last, replaced = steps["last"], steps["replaced"]
    if last and (folder / WAITING / last).exists() and (folder / last).exists() and sha256(folder / last) != replaced:
        raise UserError(
            tr("What was interrupted in {folder} cannot be completed.", folder=folder),
            saw=tr("{name} was written by another program since.", name=last),
            fix=tr("Delete the folder {folder}, then start again.", folder=folder / WAITING),
        )


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


def read_steps(folder: Path) -> dict[str, Any]:
    """Plain names only: the file may come from a stranger. Raises UserError."""
    path = folder / WAITING / STEPS
    try:
        found = read_checked(path, STEPS_OF)
    except (WrongField, OSError) as error:
        raise UserError(
            tr("What was interrupted in {folder} cannot be completed.", folder=folder),
            saw=str(path),
            fix=tr("Delete the folder {folder}, then start again.", folder=folder / WAITING),
        ) from error
    return found
