"""Deleted models: kept in the folder `.trash` among the models until somebody empties it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from dfl_cli.store.lock import FolderLock
from dfl_cli.store.model_dir import ModelDir
from samplers.files.atomic_file import hidden, remove_leftovers
from samplers.files.foreign_files import own_files

TRASH = ".trash"


def move_to_trash(folder: Path, rename: Callable[[Path], object]) -> Path:
    """Move a model's folder to the trash beside it, by one rename. Returns where it is now."""
    trash = folder.parent / TRASH
    trash.mkdir(exist_ok=True)
    place = free_trash_path(trash, folder.name)
    rename(place)
    return place


def free_trash_path(trash: Path, name: str) -> Path:
    """`name` in the trash; a second model of that name gets ` 2`."""
    place, count = trash / name, 1
    while os.path.lexists(place):
        count += 1
        place = trash / f"{name} {count}"
    return place


def list_trash(models: Path) -> list[ModelDir]:
    """The models in the trash, by name."""
    trash = models / TRASH
    return [ModelDir(path) for path in sorted(own_files(trash)) if path.is_dir()] if trash.is_dir() else []


def empty(models: Path) -> None:
    """Remove what is in the trash for good. Raises InUse while another process does, or takes a model out."""
    with FolderLock(models / TRASH):
        for model_dir in list_trash(models):
            if model_dir.folder.is_symlink():
                model_dir.folder.unlink()  # what it leads to was never in the trash
            else:
                shutil.rmtree(hidden(model_dir.folder))  # half a model is never taken for one


def finish_emptying(models: Path) -> None:
    """Remove what a killed `empty` had begun to remove. Raises InUse."""
    if (models / TRASH).is_dir():
        with FolderLock(models / TRASH):
            remove_leftovers(models / TRASH)
