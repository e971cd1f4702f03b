"""The flags of `dfl merge` that are about videos; loads nothing of the library."""

import argparse
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.options.flags import add_flags
from dfl_cli.options.tables.video import VIDEO_OUTPUT
from dfl_cli.translate import tr


def add_video_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--video", type=Path, metavar="VIDEO",
        help=tr(
            "Merge into this video; --output is then the video to write. Frames are taken from --frames or "
"the workspace if they were extracted with dfl video extract, otherwise from the video."
        ),
    )  # fmt: skip
    add_flags(parser, [VIDEO_OUTPUT], tr("with --video"))


def refuse_without_video(arguments: argparse.Namespace) -> None:
    """Flags that only a video has. Raises UserError."""
    for option in VIDEO_OUTPUT:
        if vars(arguments)[f"option_{option.key}"] is not None:
            raise UserError(
                tr("{flag} only applies to videos.", flag=option.flag), fix=tr("Add --video, or remove the flag.")
            )
