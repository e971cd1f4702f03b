"""The actions of `dfl faceset` that write something else for every face of a set: pictures, masks, copies in another size."""

import argparse
from functools import partial

from dfl_cli.faceset.actions import add_action, add_folder, answer, folder_of
from dfl_cli.options.flags import add_flags, add_prefer_flag, given_flags, path_given, spellings
from dfl_cli.options.tables.faceset import RESIZE
from dfl_cli.options.wizard import ask_table
from dfl_cli.terminal.console import is_interactive
from dfl_cli.translate import tr


def add_actions(actions) -> None:
    about = tr("write copies of the faces with landmarks, mask outline and pose drawn to <folder>_landmarks")
    add_copying(add_action(actions, "debug-images", write_debug_images, about))
    about = tr("write the masks of the faces as PNG files to <folder>_masks")
    masks = add_action(actions, "export-masks", export_masks, about)
    add_copying(masks)
    masks.add_argument(
        "--hull",
        action="store_true",
        help=tr("For faces without a mask or labels, write the outline of the landmarks."),
    )
    about = tr("write the faces in another size, or as another face type, to <folder>_<size>")
    resizing = add_action(actions, "resize", resize_faces, about)
    add_copying(resizing)
    add_flags(resizing, [RESIZE], tr("settings"))


def add_copying(parser: argparse.ArgumentParser) -> None:
    add_folder(parser)
    add_prefer_flag(parser)
    parser.add_argument(*spellings("--output"), type=path_given, metavar="DIR", help=tr("Folder for the results."))
    parser.add_argument(
        "--overwrite", action="store_true", help=tr("Replace what this command wrote to that folder before.")
    )


def write_debug_images(args: argparse.Namespace) -> int:
    from dfl_cli.faceset.edit.landmark_images import SETTINGS, debug_image

    return copy(args, "_landmarks", SETTINGS, debug_image, ending="_debug.jpg", label=tr("Drawing landmarks"))


def export_masks(args: argparse.Namespace) -> int:
    from dfl_cli.faceset.edit.masks import mask_png, settings

    make = partial(mask_png, hull=args.hull)
    return copy(args, "_masks", settings(hull=args.hull), make, ending=".png", label=tr("Exporting masks"))


def resize_faces(args: argparse.Namespace) -> int:
    from dfl_cli.faceset.edit.resize import mention_losses, resized, settings

    folder_of(args.folder)  # before anything is asked
    answers = ask_table(RESIZE, given=given_flags(args), ask_now=is_interactive() and not args.json)
    size, face_type = answers["size"], answers["face_type"]
    make = partial(resized, size=size, face_type=face_type)
    ending = f"_{size}" if face_type == "same" else f"_{face_type}_{size}"
    look = partial(mention_losses, size=size, face_type=face_type)
    return copy(args, ending, settings(size, face_type), make, label=tr("Resizing"), look=look)


def copy(
    args: argparse.Namespace, folder_ending: str, settings, make, *, label: str, ending: str = ".jpg", look=None
) -> int:
    """Write what `make` makes of each face and print what came of it. look: called with the faces before."""
    from dfl_cli.faceset.edit.copies import Target, beside, lines, usable_faces, write_copies

    folder = folder_of(args.folder)
    target = Target(beside(folder, folder_ending, args.output), settings, args.overwrite)
    opened = usable_faces(folder, args.prefer)
    if look:
        look(opened.faces)
    done = write_copies(opened.faces, opened.skipped, target, make, ending=ending, label=label)
    return answer(args, lines(done), done.facts())
