"""Arguments that the commands of `dfl xseg` share."""

import argparse
from pathlib import Path

from dfl_cli.options.flags import add_prefer_flag, path_given, spellings
from dfl_cli.store.workspace import Workspace, folder_for, folder_in_workspace
from dfl_cli.translate import tr


def add_face_set(parser: argparse.ArgumentParser) -> None:
    """The folder; --prefer; --json."""
    add_folder(parser)
    add_prefer_flag(parser)
    parser.add_argument("--json", action="store_true", help=tr("Print a single JSON object."))


def add_folder(parser: argparse.ArgumentParser) -> None:
    """The folder as DIR, or as `--input-dir`, which is DeepFaceLab's spelling."""
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument(
        "folder",
        metavar="DIR",
        nargs="?",
        type=folder_given,
        default=argparse.SUPPRESS,
        help=tr("Folder of the face set; src or dst: that of the workspace."),
    )
    group.add_argument("--input-dir", dest="folder", metavar="DIR", type=path_given, help=tr("The same as DIR."))


def folder_given(text: str) -> Path | str:
    """`path_given`; argparse shows it the default, too."""
    return text if text is argparse.SUPPRESS else path_given(text)


def add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        *spellings("--name"), metavar="NAME", help=tr("Name of the XSeg model; default: the one saved last.")
    )
    parser.add_argument(
        *spellings("--models"), type=path_given, metavar="DIR",
        help=tr("Folder that contains the models; default: model in the workspace that the face set is in."),
    )  # fmt: skip
    parser.add_argument(
        "--workspace", type=path_given, metavar="DIR", help=tr("Folder that contains the folder model.")
    )


def models_folder(args: argparse.Namespace, folder: Path) -> Path:
    """Given, or in the workspace of a face set in `data_src/aligned`. Raises UserError."""
    around = folder.parent.parent
    if args.models is None and args.workspace is None and Workspace(around).models.is_dir():
        return Workspace(around).models
    return folder_for(args.models, args.workspace, "models", flag="--models")


def known_models_folder(args: argparse.Namespace, folder: Path) -> Path | None:
    """The same; None where neither a folder nor a model is named, and no workspace has models. Raises UserError."""
    if (args.name, args.models, args.workspace) != (None, None, None):
        return models_folder(args, folder)
    around = Workspace(folder.parent.parent).models
    return around if around.is_dir() else folder_in_workspace(None, "models")
