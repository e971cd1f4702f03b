"""`--undo` of the commands that change masks or labels."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from dfl_cli.faceset.actions import answer
from dfl_cli.faceset.loading import report_skipped, skipped_facts
from dfl_cli.terminal.names import shortened
from dfl_cli.translate import ntr, tr
from dfl_cli.xseg.face_files import open_loose, undo
from dfl_cli.xseg.history import History, to_undo

NAMES_SHOWN = 10


def add_undo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--undo", action="store_true", help=tr("Undo what this command did last to the face set, and do nothing else.")
    )


def undo_change(
    args: argparse.Namespace,
    folder: Path,
    by: str,
    field: str,
    *,
    open_faces: Callable[[Path, str], Sequence] = open_loose,
) -> int:
    """Undo the last change of `field` in the locked `folder`, which was `by` this command. Raises UserError.

    open_faces  gives the faces of a folder that this command changes
    """
    with History(folder, field) as history:
        change = to_undo(history, by)
        outcome, others = undo(open_faces(folder, args.prefer), history, change)
    report_skipped(outcome.skipped)
    said = [ntr("Restored {count} face.", "Restored {count} faces.", count=outcome.changed)]
    if others:
        said.append(
            ntr(
                "{count} face was changed since and stays as it is: {names}",
                "{count} faces were changed since and stay as they are: {names}",
                count=len(others),
                names=shortened(others, NAMES_SHOWN),
            )
        )
    skipped = skipped_facts(outcome.skipped)
    answer(args, said, {"restored": outcome.changed, "changed_since": others, "skipped": skipped})
    return outcome.exit_code
