"""Which extraction is reviewed: that of a workspace, or the one in a folder of faces."""

from __future__ import annotations

import argparse
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.extract.index import FILE_NAME
from dfl_cli.extract.places import Places
from dfl_cli.store.workspace import Workspace, workspace_for
from dfl_cli.translate import listed, tr
from samplers.files.names import existing_spelling, fitting


def find_extraction(arguments: argparse.Namespace) -> Places:
    """Raises UserError where the flags do not name one, or nothing was extracted there."""
    places = places_in_workspace(arguments) if arguments.output is None else places_of_flags(arguments)
    if not (places.aligned / FILE_NAME).is_file():
        raise UserError(
            tr("There is no extraction in {folder}.", folder=places.aligned),
            saw=tr("No file {name}.", name=FILE_NAME) if places.aligned.is_dir() else tr("No such folder."),
            fix=tr("Run dfl extract first, or name the folder of its faces: dfl extract review --output FOLDER."),
        )
    return places


def places_in_workspace(arguments: argparse.Namespace) -> Places:
    root = workspace_for(arguments.workspace)
    if arguments.side is None or root is None:
        raise unclear(tr("It is not clear which extraction to review."))
    if arguments.input is not None:
        raise unclear(tr("{flags} cannot be used here.", flags="--input"))
    aligned = getattr(Workspace(root), arguments.side)
    return Places(None, aligned.parent, aligned)


def places_of_flags(arguments: argparse.Namespace) -> Places:
    unused = {"src": arguments.side == "src", "dst": arguments.side == "dst", "--workspace": arguments.workspace}
    flags = listed(flag for flag, given in unused.items() if given)
    if flags:
        raise unclear(tr("{flags} cannot be used here.", flags=flags))
    aligned = existing_spelling(arguments.output.expanduser().absolute())
    frames = existing_spelling(arguments.input.expanduser().absolute()) if arguments.input else usual_frames(aligned)
    return Places(None, frames, aligned)


def usual_frames(aligned: Path) -> Path:
    """Where `dfl extract` writes the frames of a video, or where a workspace has them."""
    beside = aligned.with_name(fitting(aligned.name, "_frames"))
    return beside if beside.is_dir() else aligned.parent


def unclear(what: str) -> UserError:
    return UserError(
        what,
        fix=tr(
            "Use dfl extract review src in a workspace, or with --workspace FOLDER or DFL_WORKSPACE; or use --output "
            "FACES with --input FRAMES."
        ),
    )
