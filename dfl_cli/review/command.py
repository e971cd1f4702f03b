"""`dfl extract review`: the faces and frames of an extraction in a browser."""

import argparse

from dfl_cli.options.flags import add_address_flags, add_side, path_given, spellings
from dfl_cli.translate import tr
from dfl_cli.web.requirements import require_nicegui


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_side(parser, tr("Which faces of the workspace: data_src or data_dst."))
    folders = {
        "--workspace": tr("Folder of the workspace."),
        "--output": tr("Folder of the faces, in place of a workspace."),
        "--input": tr(
            "Folder of the frames, with --output; default: the folder of the faces with _frames at its end, or the "
            "folder that contains the folder of the faces."
        ),
    }
    for flag, text in folders.items():
        parser.add_argument(*spellings(flag), type=path_given, metavar="DIR", help=text)
    add_address_flags(parser)


def run(arguments: argparse.Namespace) -> int:
    """0, or 128 + the number of a signal. Raises UserError."""
    require_nicegui("review")
    from dfl_cli.extract.index import ExtractIndex
    from dfl_cli.review.frame_editor import FrameEditor
    from dfl_cli.review.opening import open_session
    from dfl_cli.review.places import find_extraction
    from dfl_cli.review.sharpness import SharpnessWorker
    from dfl_cli.review.web.server import serve
    from dfl_cli.store.lock import FolderLock
    from dfl_cli.terminal.console import notice

    places = find_extraction(arguments)
    with FolderLock(places.aligned):
        notice(tr("Reading the extraction in {folder} ...", folder=places.aligned))
        with ExtractIndex(places.aligned) as index:
            session = open_session(places, index)
            with SharpnessWorker(session) as worker:
                return serve(FrameEditor(session), worker, host=arguments.host, port=arguments.port)
