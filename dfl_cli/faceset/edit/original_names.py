"""`dfl faceset recover-names`: faces get the names back that extraction gave them, from the frame that their face data names."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from dfl_cli.errors import UserError
from dfl_cli.faceset.edit.copies import lines_skipped
from dfl_cli.faceset.images import ImageFile, image_files
from dfl_cli.faceset.loading import skipped_facts
from dfl_cli.faceset.renames import NameTaken, Renames
from dfl_cli.faceset.sort import name_taken, open_renames
from dfl_cli.terminal.names import quoted
from dfl_cli.translate import ntr, tr
from samplers.files.faces import Fault, Reason, Skipped
from samplers.files.foreign_files import is_foreign
from samplers.files.names import fitting

BY = "recover-names"  # in the history of the folder


class Recovered:
    """Which faces get which names; `skipped` keep theirs."""

    def __init__(self, folder: Path, names: Mapping[str, str], skipped: Sequence[Skipped]):
        self.folder, self.names, self.skipped = folder, names, skipped

    @property
    def changed(self) -> dict[str, str]:
        return {old: new for old, new in self.names.items() if old != new}

    def facts(self, *, dry: bool) -> dict:
        """For --json."""
        return {
            "faces": len(self.names),
            "renamed": len(self.changed),
            "dry_run": dry,
            "names": [{"name": old, "new_name": new} for old, new in self.changed.items()],
            "skipped": skipped_facts(self.skipped),
        }


def recover(folder: Path, *, dry: bool) -> Recovered:
    """Rename the faces of `folder`, or only find out their names. The folder is locked.

    Raises:
        UserError: a pack, no pictures, a name in the way.
    """
    renames, pictures = open_renames(folder), image_files(folder)
    stems = {one.name: stem for one in pictures if (stem := original_stem(one))}
    skipped = [Skipped(one.name, reason_to_skip(one)) for one in pictures if one.name not in stems]
    recovered = Recovered(folder, new_names(folder, stems), skipped)
    if recovered.changed and not dry:
        try:
            renames.rename(recovered.changed, by=BY)
        except NameTaken as error:
            raise name_taken(error) from error
    return recovered


def reason_to_skip(one: ImageFile) -> Reason:
    return one.reason or Reason(Fault.NO_SOURCE)


def original_stem(one: ImageFile) -> str | None:
    """Of the frame that a face was cut from; None where its face data names none that could be part of a file name."""
    source = one.face.source_filename if one.face else None
    stem = PurePosixPath((source or "").replace("\\", "/")).stem
    printable = stem.isprintable() and not any(each in stem for each in '<>:"|?*')
    return stem if stem and printable and not is_foreign(stem) else None


def new_names(folder: Path, stems: Mapping[str, str]) -> dict[str, str]:
    """Name of each face -> `<stem>_0.jpg`, `<stem>_1.jpg` ... in the order of their names; files that stay keep theirs."""
    names, numbers = {}, {}
    for name in sorted(stems):
        stem = stems[name]
        while True:
            number = numbers[stem] = numbers.get(stem, -1) + 1
            new = fitting(stem, f"_{number}{Path(name).suffix}")
            if new in stems or not os.path.lexists(folder / new):
                break
        names[name] = new
    return names


def undo(folder: Path, renames: Renames, *, dry: bool) -> list[str]:
    """Give the faces back the names they had; returns those that are gone. Raises UserError where something else came later."""
    if not renames.done or renames.done[-1]["by"] != BY:
        raise UserError(
            tr("There is nothing to undo in {folder}.", folder=folder),
            saw=tr("The last change was by {by}.", by=renames.done[-1]["by"]) if renames.done else "",
            fix=tr("dfl faceset sort {folder} --undo takes back a sort.", folder=quoted(folder)),
        )
    try:
        return renames.missing() if dry else renames.undo()
    except NameTaken as error:
        raise name_taken(error) from error


def lines(found: Recovered, *, dry: bool) -> list[str]:
    """For a person."""
    count = len(found.changed)
    if dry:
        text = [f"{new}  {old}" for old, new in found.changed.items()]
    else:
        text = [
            ntr(
                "{count} face renamed to its original name.",
                "{count} faces renamed to their original names.",
                count=count,
            )
        ]
    if not count:
        text = [tr("Nothing to rename: the faces have their original names.")]
    elif not dry:
        text.append(tr("To undo: dfl faceset recover-names {folder} --undo", folder=quoted(found.folder)))
    return text + lines_skipped(found.skipped)
