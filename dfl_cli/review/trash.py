"""Faces go to the trash folder beside the face set and come back. The folder is locked by the caller."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dfl_cli.faceset.identify import move_away
from dfl_cli.faceset.renames import NameTaken
from dfl_cli.faceset.sort import name_taken, open_renames

BY = "review"  # in the history of the folder


def move_to_trash(folder: Path, names: Iterable[str]) -> list[str]:
    """Move those files of `names` that are there; which these are. Raises UserError."""
    there = [name for name in names if (folder / name).is_file()]
    move_away(folder, there, by=BY)
    return there


def in_trash(folder: Path) -> list[str]:
    """The names that faces in the trash had, those that went last at the end. Raises UserError."""
    return open_renames(folder).trashed()


def restore(folder: Path, names: Iterable[str]) -> list[str]:
    """Bring faces back by the names they had; which ones came. Raises UserError."""
    try:
        return open_renames(folder).restore(names)
    except NameTaken as error:
        raise name_taken(error) from error
