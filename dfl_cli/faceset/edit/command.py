"""The actions of `dfl faceset` that write something else for every face of a set: pictures, masks, copies in another size."""

import argparse
from functools import partial

from dfl_cli.faceset.actions import add_action, add_folder, answer, folder_of
from dfl_cli.options.flags import add_flags, add_prefer_flag, given_flags, path_given, spellings, whole_number
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

    add_enhancing(actions)
    about = tr("rename faces to the names that extraction gave them; can be undone")
    recovering = add_action(actions, "recover-names", recover_names, about)
    add_folder(recovering)
    recovering.add_argument("--dry-run", action="store_true", help=tr("Show what would be done without doing it."))
    recovering.add_argument("--undo", action="store_true", help=tr("Undo the last renaming by this command."))
    about = tr("save the face data of all faces to metadata.jsonl, before an image editor drops it")
    add_folder(add_action(actions, "save-metadata", save_metadata, about))
    about = tr("restore saved face data in images that an editor has changed; also from DeepFaceLab's meta.dat")
    restoring = add_action(actions, "restore-metadata", restore_metadata, about)
    add_folder(restoring)
    restoring.add_argument(
        "--from",
        dest="source",
        type=path_given,
        metavar="FILE",
        help=tr("Metadata file; default: the one in DIR."),
    )
    restoring.add_argument(
        "--keep-size", action="store_true",
        help=tr("Scale the face data of images that were resized, instead of resizing the images back."),
    )  # fmt: skip
    restoring.add_argument(
        "--overwrite", action="store_true", help=tr("Also replace face data that has changed since it was saved.")
    )


def add_enhancing(actions) -> None:
    about = tr("sharpen the faces with a network in an ONNX file and write them to <folder>_enhanced")
    parser = add_action(actions, "enhance", enhance_faces, about)
    add_copying(parser)
    parser.add_argument(
        "--network", "--super-resolution-model", dest="super_resolution_model", type=path_given, metavar="FILE",
        required=True, help=tr("ONNX file of a network that upscales images or restores faces."),
    )  # fmt: skip
    parser.add_argument(
        "--super-resolution-range", choices=("auto", "unit", "signed", "bytes"), default="auto",
        help=tr("The values the network works with: 0..1, -1..1 or 0..255; auto detects it."),
    )  # fmt: skip
    parser.add_argument(
        "--power", type=whole_number(0, 100), default=100, metavar="N",
        help=tr("Percent of the enhanced face in the result, from 0 to 100; default: 100."),
    )  # fmt: skip
    parser.add_argument(
        "--size", type=whole_number(128, 2048), metavar="N",
        help=tr("Side of the results in pixels; default: as large as each face is."),
    )  # fmt: skip


def add_copying(parser: argparse.ArgumentParser) -> None:
    add_folder(parser)
    add_prefer_flag(parser)
    parser.add_argument(*spellings("--output"), type=path_given, metavar="DIR", help=tr("Folder for the results."))
    parser.add_argument(
        "--overwrite", action="store_true", help=tr("Replace the files that this command wrote to that folder before.")
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


def enhance_faces(args: argparse.Namespace) -> int:
    from dfl_cli.enhance.choice import load_enhancer
    from dfl_cli.faceset.edit.enhancing import Enhancing

    folder_of(args.folder)  # before the network is tried
    enhancing = Enhancing(load_enhancer(vars(args)), args.power / 100, args.size)
    return copy(args, "_enhanced", enhancing.settings, enhancing, label=tr("Enhancing"))


def recover_names(args: argparse.Namespace) -> int:
    from dfl_cli.faceset.edit.original_names import BY, lines, recover, undo
    from dfl_cli.faceset.sort import changing, lines_undone, open_renames

    folder = folder_of(args.folder)
    with changing(folder, dry=args.dry_run):
        if args.undo:
            gone = undo(folder, open_renames(folder), dry=args.dry_run)
            return answer(
                args, lines_undone(BY, gone, dry=args.dry_run), {"undone": BY, "dry_run": args.dry_run, "gone": gone}
            )
        found = recover(folder, dry=args.dry_run)
    return answer(args, lines(found, dry=args.dry_run), found.facts(dry=args.dry_run))


def save_metadata(args: argparse.Namespace) -> int:
    from dfl_cli.faceset.edit.metadata import facts_of, lines_saved, save
    from dfl_cli.faceset.sort import changing

    folder = folder_of(args.folder)
    with changing(folder):
        done = save(folder)
    return answer(args, lines_saved(done), facts_of(done))


def restore_metadata(args: argparse.Namespace) -> int:
    from dfl_cli.faceset.edit.metadata import facts_of, lines_restored, restore
    from dfl_cli.faceset.sort import changing

    folder = folder_of(args.folder)
    with changing(folder):
        done = restore(folder, args.source, keep_size=args.keep_size, overwrite=args.overwrite)
    return answer(args, lines_restored(done), facts_of(done))
