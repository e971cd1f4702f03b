"""Whether a command may write to a path. What is there already is the person's, unless a mark says that this program made it.

At a terminal the person is asked; elsewhere only --overwrite allows a file to be replaced. A link whose target is missing is
never replaced: the disk with what it points to may just not be connected.
"""

import contextlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from dfl_cli.errors import UserError, dangling_link
from dfl_cli.options.confirm import ask_yes_no
from dfl_cli.terminal.console import is_interactive
from dfl_cli.terminal.names import shortened
from dfl_cli.translate import listed, ntr, tr
from samplers.files.atomic_file import DanglingLink, is_dangling_link, remove_leftovers, write_atomically
from samplers.files.foreign_files import own_files
from samplers.files.regular_file import LARGEST_TYPED, read_regular

MARK = ".dfl-made.json"  # in a folder that this program made
NAMES_SHOWN = 3


def confirm(question: str) -> bool:
    """The answer to a question; no where nobody can be asked."""
    return is_interactive() and ask_yes_no(question)


def file_to_write(given: Path, *, overwrite: bool, asks: bool = True, sources: Iterable[Path] = ()) -> Path:
    """`given`, absolute, if a file may be written there; for a link the file it points to, so that the link stays one.

    Pictures that are written into a folder by the hundred replace links instead: behind one of those may lie the source.

    Args:
        overwrite: what the person allowed by a flag.
        asks: whether a person at the terminal may be asked.
        sources: files that the command reads, which it never replaces.

    Raises:
        UserError: there is a file and nobody allowed to replace it, or something that no file can replace.
    """
    path = given.expanduser().absolute()
    if is_dangling_link(path):
        raise dangling_link(DanglingLink(path))
    if path.is_dir():
        raise UserError(tr("Cannot write {path}.", path=path), saw=tr("a folder"), fix=tr("Name a file in it."))
    target = Path(os.path.realpath(path)) if path.is_symlink() else path
    if target.parent.is_dir():
        with contextlib.suppress(OSError):  # if the folder cannot be written to, writing will say so
            remove_leftovers(target.parent, target.name)
    if not path.exists():
        return path
    if not path.is_file():
        raise UserError(
            tr("Cannot write {path}.", path=path), saw=tr("not a regular file"), fix=tr("Use another name.")
        )
    if any(is_same(path, source) for source in sources):
        raise UserError(tr("{path} is a file that this command reads.", path=path), fix=tr("Use another name."))
    if overwrite or (asks and confirm(tr("{path} already exists. Replace it?", path=path))):
        return target
    raise UserError(
        tr("{path} already exists.", path=path), fix=tr("Add --overwrite to replace it, or use another name.")
    )


def is_same(path: Path, source: Path) -> bool:
    try:
        return path.samefile(source)
    except OSError:  # as of a link that leads nowhere
        return False


def own_folder(
    folder: Path,
    *,
    fix: str,
    made_before: Callable[[Path], bool] = lambda folder: False,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Make `folder` and mark it as this program's, or find it so. What killed writers left half-written in it goes.

    Args:
        fix: what the person can do if it is not.
        made_before: whether an earlier version, which set no marks, has made it.
        facts: what a new mark says.

    Raises:
        UserError: it holds files of the person.
    """
    if is_dangling_link(folder):
        raise dangling_link(DanglingLink(folder))
    if folder.exists() and not folder.is_dir():
        raise UserError(tr("{path} is a file.", path=folder), fix=fix)
    if is_marked(folder):
        remove_leftovers(folder)
        return
    found = [] if not folder.is_dir() or made_before(folder) else sorted(path.name for path in own_files(folder))
    if found:
        raise UserError(
            tr("{folder} contains files that dfl did not write.", folder=folder),
            saw=ntr(
                "{count} file: {names}", "{count} files: {names}", count=len(found), names=shortened(found, NAMES_SHOWN)
            ),
            fix=fix,
        )
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        remove_leftovers(folder)
        write_mark(folder, facts)
    except OSError:
        if is_new:
            folder.rmdir()
        raise


def is_marked(folder: Path) -> bool:
    return (folder / MARK).is_file()


def write_mark(folder: Path, facts: Mapping[str, str] | None = None) -> None:
    write_atomically(folder / MARK, (json.dumps(dict(facts or {}), indent=2) + "\n").encode())


def read_mark(folder: Path) -> dict[str, str]:
    """The facts in the mark of `folder`; none where there is no mark, or one that cannot be read."""
    try:
        facts = json.loads(read_regular(folder / MARK, limit=LARGEST_TYPED))
    except (OSError, ValueError, RecursionError):
        return {}
    return {name: fact for name, fact in facts.items() if isinstance(fact, str)} if isinstance(facts, dict) else {}


def folder_with_settings(
    folder: Path,
    settings: Mapping[str, str],
    *,
    overwrite: bool,
    suffixes: Collection[str],
    subfolders: Iterable[str] = (),
) -> None:
    """Make `folder` for files made with `settings` and mark it, or find it so: then the files of an earlier run stay.

    Args:
        settings: what the files are made with, by name, and by which command: `made_by`.
        overwrite: whether files that the same command made before go first; those with `suffixes`, also in the `subfolders`.

    Raises:
        UserError: it has files of the person, of another command, or made with other settings that may not be replaced.
    """
    own_folder(folder, fix=tr("Choose another folder with --output, or move these files away."), facts=settings)
    before = read_mark(folder)
    is_ours = before.get("made_by") == settings["made_by"]
    if before != settings and own_files(folder) and not (is_ours and overwrite):
        other = tr("Choose another folder with --output.")
        raise UserError(
            tr("The files in {folder} were made with other settings.", folder=folder),
            saw=listed(f"{name}={value}" for name, value in before.items()),
            fix=tr("Add --overwrite to replace them, or choose another folder with --output.") if is_ours else other,
        )
    if overwrite:
        empty_own_folder(folder, subfolders, lambda path: path.suffix.lower() in suffixes)
    if before != settings:
        write_mark(folder, settings)


def is_written(path: Path) -> bool:
    """Whether there is a file, or anything else, at `path`; a power cut may leave a file empty."""
    return os.path.lexists(path) and not (path.is_file() and not path.stat().st_size)


def other_than(folder: Path, target: Path) -> Path:
    """`target`, absolute, if results can be written there. Raises UserError if it is the `folder` they are made of, or a dead link."""
    target = target.expanduser().absolute()
    if is_same(target, folder):
        raise UserError(
            tr("{path} is what this command reads.", path=target), fix=tr("Choose another folder with --output.")
        )
    if is_dangling_link(target):
        raise dangling_link(DanglingLink(target))
    return target


def empty_own_folder(folder: Path, subfolders: Iterable[str], is_ours: Callable[[Path], bool]) -> list[Path]:
    """Delete what is ours in the marked `folder` and its `subfolders`; returns what else there is, which stays.

    What a killed process left half-written goes, too.

    Args:
        is_ours: tells a file of this program by its path.
    """
    kept = []
    for place in [*(folder / name for name in subfolders), folder]:
        if not place.is_dir() or place.is_symlink():
            continue
        remove_leftovers(place)
        for path in sorted(place.iterdir()):
            if path.is_dir() and not path.is_symlink():
                kept += [] if path.parent == folder and path.name in subfolders else [path]
            elif path == folder / MARK:
                continue
            elif is_ours(path):
                path.unlink(missing_ok=True)
            else:
                kept.append(path)
        if place != folder and not any(place.iterdir()):
            place.rmdir()
    return kept


def remove_own_folder(folder: Path, subfolders: Iterable[str], is_ours: Callable[[Path], bool]) -> list[Path]:
    """`empty_own_folder`, and the folder goes, too, unless something stays in it. The mark goes last."""
    kept = empty_own_folder(folder, subfolders, is_ours)
    if not kept:
        (folder / MARK).unlink(missing_ok=True)
        folder.rmdir()
    return kept
