"""`dfl xseg fetch`: the labeled faces of a set copied to a folder of their own, `<folder>_xseg`."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.faceset.actions import answer, confirm, folder_of
from dfl_cli.faceset.sort import changing
from dfl_cli.store.lock import FolderLock
from dfl_cli.terminal.console import progress
from dfl_cli.terminal.names import quoted, shortened
from dfl_cli.translate import N_, ntr, tr
from dfl_cli.xseg.arguments import add_face_set
from dfl_cli.xseg.face_files import open_loose
from samplers.files.atomic_file import remove_leftovers, write_atomically
from samplers.files.face import Face
from samplers.files.names import fitting
from samplers.files.regular_file import read_regular

BY = "fetch"  # in the history of the folder
NAMES_SHOWN = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_face_set(parser)
    parser.add_argument(
        "--delete-originals", action=argparse.BooleanOptionalAction,
        help=tr("Move the copied faces to <folder>_trash; without a terminal they are kept."),
    )  # fmt: skip
    parser.add_argument("--overwrite", action="store_true", help=tr("Replace other faces of the same names there."))
    parser.add_argument(
        "--undo", action="store_true", help=tr("Bring back the faces that --delete-originals moved away.")
    )


def run(args: argparse.Namespace) -> int:
    """Raises UserError."""
    from dfl_cli.faceset.identify import undo

    folder = folder_of(args.folder)
    with changing(folder):
        if not args.undo:
            return fetch(args, folder)
        count = undo(folder, by=BY)
        said = ntr("Brought back {count} face.", "Brought back {count} faces.", count=count)
        return answer(args, [said], {"brought_back": count})


def fetch(args: argparse.Namespace, folder: Path) -> int:
    from dfl_cli.faceset.identify import move_away

    faces = open_loose(folder, args.prefer)
    labeled = [face for face in faces if face.polygons]
    target, trash = folder.with_name(fitting(folder.name, "_xseg")), None
    copied = copy_faces(labeled, target, overwrite=args.overwrite) if labeled else 0
    lines = [
        ntr("{count} face has labels.", "{count} faces have labels.", count=len(labeled))
        if labeled
        else tr("No face in {folder} has labels.", folder=folder)
    ]
    if labeled:
        lines.append(
            ntr("{count} face copied to {folder}.", "{count} faces copied to {folder}.", count=copied, folder=target)
        )
    if copied < len(labeled):
        count = len(labeled) - copied
        lines.append(ntr("{count} face was already there.", "{count} faces were already there.", count=count))
    delete = args.delete_originals
    if labeled and delete is None:
        delete = confirm(N_("Delete the original images?"), True, args)
    if labeled and delete:
        trash = move_away(folder, [face.name for face in labeled], by=BY)
        lines.append(
            tr("They are in {trash}. To undo: dfl xseg fetch {folder} --undo", trash=trash, folder=quoted(folder))
        )
    facts = {
        "labeled": len(labeled),
        "copied": copied,
        "folder": str(target) if labeled else None,
        "moved_to": trash and str(trash),
    }
    return answer(args, lines, facts)


def copy_faces(faces: Sequence[Face], target: Path, *, overwrite: bool) -> int:
    """Copy the files as they are; returns how many were not there yet. Raises UserError before anything would be lost, OSError."""
    with FolderLock(target):
        remove_leftovers(target)
        missing = [face for face in faces if not is_there(face, target)]
        taken = [face.name for face in missing if os.path.lexists(target / face.name)]
        if taken and not overwrite:
            raise UserError(
                tr("{folder} has other faces of the same names.", folder=target),
                saw=ntr(
                    "{count} file: {names}",
                    "{count} files: {names}",
                    count=len(taken),
                    names=shortened(taken, NAMES_SHOWN),
                ),
                fix=tr("Move them elsewhere, or add --overwrite to replace them."),
            )
        with progress(len(missing), tr("Copying"), keep=False) as bar:
            for face in missing:
                write_atomically(target / face.name, read_regular(face.file_range.path))
                shutil.copystat(face.file_range.path, target / face.name)
                bar.update(1)
    return len(missing)


def is_there(face: Face, target: Path) -> bool:
    """Whether `target` has the same file."""
    path = target / face.name
    return path.is_file() and read_regular(path) == read_regular(face.file_range.path)
