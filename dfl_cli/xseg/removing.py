"""Removing the masks or the labels of a face set, and bringing them back: what `dfl xseg remove` and `remove-labels` share."""

from __future__ import annotations

import argparse
from pathlib import Path

from dfl_cli.faceset.actions import answer, folder_of
from dfl_cli.faceset.loading import report_skipped, skipped_facts
from dfl_cli.faceset.sort import changing
from dfl_cli.model.manage import confirm
from dfl_cli.terminal.console import Console
from dfl_cli.terminal.names import quoted
from dfl_cli.translate import N_, ntr, tr
from dfl_cli.xseg.arguments import add_face_set
from dfl_cli.xseg.face_files import Outcome, change_all, open_loose, recorded, scan
from dfl_cli.xseg.history import NOTHING, History, Record, packed
from dfl_cli.xseg.labels import MASK
from dfl_cli.xseg.undoing import add_undo, undo_change


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_face_set(parser)
    parser.add_argument("--yes", action="store_true", help=tr("Do not ask."))
    add_undo(parser)


def run(args: argparse.Namespace, by: str, field: str) -> int:
    """by: the command's second word; field: a key of the face data. Raises UserError."""
    folder = folder_of(args.folder)
    with changing(folder):
        if args.undo:
            return undo_change(args, folder, by, field)
        with History(folder, field) as history:
            return remove(args, folder, history, by)


def remove(args: argparse.Namespace, folder: Path, history: History, by: str) -> int:
    faces = open_loose(folder, args.prefer)
    files, skipped = scan(faces, history.field)
    report_skipped(skipped)
    found = [file for file in files if file.value is not None]
    outcome = Outcome(0, [], 0)
    if found and may_remove(args, folder, history.field, len(found)):
        history.begin(by, "")
        records = [Record(file.face.name, file.digest, packed(file.value), NOTHING) for file in found]
        history.add(records)
        jobs = [recorded(file.path, history, one, None) for file, one in zip(found, records, strict=True)]
        outcome = change_all(jobs, history.field, tr("Removing"))
        report_skipped(outcome.skipped)
        history.drop_oldest()
    facts = {
        "faces": len(faces),
        "found": len(found),
        "removed": outcome.changed,
        "skipped": skipped_facts([*faces.skipped, *skipped, *outcome.skipped]),
        "stopped": bool(outcome.exit_code),
    }
    answer(args, lines(folder, history.field, by, len(found), outcome), facts)
    return outcome.exit_code or int(bool(outcome.skipped))


def may_remove(args: argparse.Namespace, folder: Path, field: str, count: int) -> bool:
    """Whether the person agrees. Raises UserError where nobody can be asked."""
    if args.yes:
        return True
    if field == MASK:
        about = ntr(
            "{folder}: {count} face has a mask.", "{folder}: {count} faces have a mask.", count=count, folder=folder
        )
        question = N_("Remove the masks of these faces?")
    else:
        about = ntr(
            "{folder}: {count} face has labels drawn by hand.",
            "{folder}: {count} faces have labels drawn by hand.",
            count=count,
            folder=folder,
        )
        question = N_("Remove the labels of these faces?")
    return confirm(about, question, Console(), asks=not args.json)


def lines(folder: Path, field: str, by: str, found: int, outcome: Outcome) -> list[str]:
    count = outcome.changed
    if not found:
        none = tr("No face in {folder} has a mask.", folder=folder)
        return [none if field == MASK else tr("No face in {folder} has labels.", folder=folder)]
    if not count:
        return [tr("Nothing was removed.")]
    if field == MASK:
        said = ntr("Removed the mask of {count} face.", "Removed the masks of {count} faces.", count=count)
    else:
        said = ntr("Removed the labels of {count} face.", "Removed the labels of {count} faces.", count=count)
    return [said, tr("To undo: dfl xseg {by} {folder} --undo", by=by, folder=quoted(folder))]
