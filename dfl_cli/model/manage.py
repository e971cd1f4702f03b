"""Deleting, copying, backing up and restoring saved models; what is asked before and said after."""

import errno
import os
import shutil
from pathlib import Path
from shlex import quote

from dfl_cli.errors import UserError
from dfl_cli.model.listing import state_of
from dfl_cli.options.confirm import ask_yes_no
from dfl_cli.store import trash
from dfl_cli.store.choose_model import delete_model, existing_model, new_model
from dfl_cli.store.generation import Generation
from dfl_cli.store.lock import FolderLock, OutputLock
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import SavedModel, not_finite_in, open_model
from dfl_cli.terminal.console import Console, is_interactive, progress, say
from dfl_cli.translate import N_, listed, ntr, remarked, tr
from dfl_cli.units import size_text
from samplers.files.atomic_file import creating_folder, sync, write_atomically
from samplers.files.names import Spellings


def delete(models: Path, name: str, *, sure: bool, console: Console | None = None) -> None:
    """Move a model to the trash after asking; without a terminal only if `sure`.

    Raises:
        UserError: no such model, or nobody can confirm.
    """
    model_dir = ModelDir(existing_model(models, name))
    about = ntr(
        "{name}: {size}, {count} backup, in {folder}",
        "{name}: {size}, {count} backups, in {folder}",
        name=model_dir.name,
        size=size_text(model_dir.bytes()),
        count=len(model_dir.backups()),
        folder=model_dir.folder,
    )
    if sure or confirm(about, N_("Delete this model with all its files and backups?"), console or Console()):
        delete_model(models, model_dir.name)
    else:
        say(tr("Nothing was deleted."))


def confirm(about: str, question: str, console: Console, *, asks: bool = True) -> bool:
    """Whether the person says yes to `question` (a text of the catalogs).

    asks: False: nobody is asked even at a terminal.

    Raises:
        UserError: there is nobody to ask.
    """
    if not (asks and is_interactive()):
        raise UserError(tr("Deleting has to be confirmed."), saw=about, fix=tr("Add --yes if you are sure."))
    console.say(about)
    return ask_yes_no(question, console=console)


def empty_trash(models: Path, *, sure: bool, console: Console | None = None) -> None:
    """Remove deleted models for good after asking; without a terminal only if `sure`. Raises UserError."""
    trash.finish_emptying(models)
    found = trash.list_trash(models)
    if not found:
        say(tr("The trash is empty."))
        return
    room, names = size_text(sum(one.bytes() for one in found)), listed(one.name for one in found)
    about = tr("{size} in the trash: {names}", size=room, names=names)
    if sure or confirm(about, N_("Delete these models permanently?"), console or Console()):
        trash.empty(models)
        say(tr("Emptied the trash and freed {size}.", size=room))
    else:
        say(tr("Nothing was deleted."))


def restore_from_trash(models: Path, name: str) -> Path:
    """Move a model out of the trash, under its old name.

    Raises:
        UserError: it is not there, or there is a model of that name again.
    """
    found = trash.list_trash(models)
    wanted = Spellings(one.name for one in found).find(name.strip())
    for one in found:
        if one.name == wanted:
            folder = models / one.name
            with OutputLock(folder), FolderLock(one.folder.parent):
                if os.path.lexists(folder):
                    raise name_in_use(folder)
                one.folder.rename(folder)
            say(tr("Restored {name}: {folder}", name=one.name, folder=folder))
            return folder
    raise UserError(
        tr("There is no model {name} in the trash.", name=name),
        saw=tr("Available: {names}", names=listed(one.name for one in found) or tr("none")),
        fix=tr("Use one of these names.") if found else tr("Use --models to give the folder it was deleted from."),
    )


def name_in_use(folder: Path) -> UserError:
    return UserError(
        tr("There is already a model {name}.", name=folder.name),
        saw=str(folder),
        fix=tr("Rename the existing model first: dfl model rename {name} NEW", name=quote(folder.name)),
    )


def copy(models: Path, name: str, new_name: str) -> Path:
    """Another model that starts where `name` stands: its newest whole save, losses and previews, without its backups.

    Raises:
        UserError: no such model, no save of it is whole, or the new name is taken or cannot be used.
    """
    saved = open_model(ModelDir(existing_model(models, name)))
    with new_model(models, new_name) as target:
        while True:
            try:
                with creating_folder(target) as partial:
                    copy_files(saved, partial)
                break
            except FileNotFoundError:
                if saved.generation.folder.exists():
                    raise
                saved = open_model(saved.model_dir)  # a trainer elsewhere has removed the save meanwhile
    say(
        tr(
            "{new} is a copy of {name} at iteration {iteration}.",
            new=target.name,
            name=saved.name,
            iteration=saved.iteration,
        )
    )
    return target


def copy_files(saved: SavedModel, partial: Path) -> None:
    """What belongs to a copy of `saved`, in the folder `partial` and on the disk."""
    folder, newest = saved.model_dir.folder, saved.generation.folder
    files = [path for path in folder.rglob("*") if path.is_file() and belongs_to_copy(path.relative_to(folder), newest)]
    total = sum(path.stat().st_size for path in files)
    if total > shutil.disk_usage(partial).free:  # a sparse terabyte would be written for hours before the disk is full
        largest = max(files, key=lambda path: path.stat().st_size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(largest))
    with progress(total, tr("Copying {name}", name=saved.name), unit="B", keep=False) as bar:
        for path in files:
            place = partial / path.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, place)
            sync(place)
            bar.update(path.stat().st_size)
    write_atomically(partial / "current", f"{newest.name}\n".encode())


def belongs_to_copy(path: Path, newest: Path) -> bool:
    """Whether a copy of a model takes the file `path` (within the model's folder): what is written while training stays."""
    first = path.parts[0]
    if first == newest.parent.name:
        return path.parts[1] == newest.name
    return first not in ("backups", "lock", "current") and not any(part.startswith(".") for part in path.parts)


def back_up(models: Path, name: str, *, link: bool = True) -> Path:
    """Copy the newest whole save to backups/01; by hard links where that is possible and `link` is not False.

    Raises:
        UserError: no such model, or no save of it is whole.
    """
    model_dir = ModelDir(existing_model(models, name))
    open_model(model_dir)
    folder = model_dir.backup(model_dir.folder / "preview.png", link=link)
    say(tr("Backup written: {folder}", folder=folder))
    return folder


def restore(models: Path, name: str, wanted: str | None) -> Generation:
    """Make a backup, the newest or the one called `wanted`, the current save. What it replaces stays as the one before.

    Raises:
        UserError: no such model or backup, or the backup is damaged.
    """
    model_dir = ModelDir(existing_model(models, name))
    backup = choose_backup(model_dir, wanted)
    fault = Generation(backup).fault()
    if fault is not None:
        raise UserError(
            tr("Backup {id} of {name} is damaged.", id=backup.name, name=model_dir.name),
            saw=fault,
            fix=tr("Restore another one with --from. Available: {names}", names=names_of(model_dir)),
        )
    if bad := not_finite_in(Generation(backup)):
        raise UserError(
            tr("Backup {id} of {name} holds numbers that are not finite.", id=backup.name, name=model_dir.name),
            saw=bad,
            fix=tr("Restore another one with --from. Available: {names}", names=names_of(model_dir)),
        )
    with model_dir.lock():
        model_dir.clean()
        generation = model_dir.restore(backup)
    say(
        tr(
            "Restored backup {id} of {name}: iteration {iteration}.",
            id=backup.name,
            name=model_dir.name,
            iteration=generation.state().iteration,
        )
    )
    return generation


def choose_backup(model_dir: ModelDir, wanted: str | None) -> Path:
    backups = model_dir.backups()
    if not backups:
        raise UserError(
            tr("The model {name} has no backups.", name=model_dir.name),
            saw=str(model_dir.folder / "backups"),
            fix=tr("Create one with dfl model backup {name}, or set autobackup_hour.", name=model_dir.name),
        )
    if wanted is None:
        return backups[0]
    for folder in backups:
        if wanted.isdecimal() and int(wanted) == int(folder.name):
            return folder
    raise UserError(
        tr("The model {name} has no backup {id}.", name=model_dir.name, id=wanted),
        saw=tr("Available: {names}", names=names_of(model_dir)),
        fix=tr("Use --from with one of these numbers."),
    )


def names_of(model_dir: ModelDir) -> str:
    iteration = tr("iteration")
    return listed(
        remarked(folder.name, f"{iteration} {state_of(folder).get('iteration', '?')}") for folder in model_dir.backups()
    )
