"""What the actions of `dfl faceset` share: their arguments, the folder they work on, their answer and their questions."""

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.terminal.console import is_interactive, say
from dfl_cli.translate import tr
from samplers.files.names import existing_spelling


def add_action(actions, name: str, run: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=about, description=about)
    parser.add_argument("--json", action="store_true", help=tr("Print a single JSON object."))
    parser.set_defaults(run_action=run)
    return parser


def add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", metavar="DIR", type=Path, help=tr("Folder of the face set; src or dst: that of the workspace.")
    )


def folder_of(path: Path, workspace: Path | None = None) -> Path:
    """`path` if it is a folder; src and dst are face sets of the workspace, see `named_face_set`.

    Raises:
        UserError: it is not.
    """
    from dfl_cli.store.workspace import named_face_set

    path = named_face_set(path, workspace)
    folder = Path(os.path.realpath(existing_spelling(path.expanduser().absolute())))  # Path.resolve raises for a loop
    if folder.is_file():
        raise UserError(tr("{path} is a file.", path=folder), fix=tr("Give its folder: {folder}", folder=folder.parent))
    if not folder.is_dir():
        raise UserError(tr("There is no folder {path}.", path=folder), fix=tr("Check the path."))
    return folder


def answer(args: argparse.Namespace, lines: list[str], facts: dict) -> int:
    """Print what was found out, for a person or for a program."""
    if args.json:
        print(json.dumps(facts, indent=2), flush=True)  # in ASCII, so that it survives every pipe
    else:
        for line in lines:
            say(line)
    return 0


def confirm(label: str, default: bool, args: argparse.Namespace) -> bool | None:
    """The answer to a question; None where nobody can be asked."""
    from dfl_cli.options.confirm import ask_yes_no

    return None if args.json or not is_interactive() else ask_yes_no(label, default=default)
