"""`dfl xseg export-labels`: the labels of a face set for labelme, or as a COCO file."""

import argparse

from dfl_cli.faceset.actions import answer, folder_of
from dfl_cli.options.flags import path_given
from dfl_cli.translate import ntr, tr
from dfl_cli.xseg.arguments import add_face_set

FORMATS = ("labelme", "coco")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_face_set(parser)
    parser.add_argument(
        "--output", type=path_given, required=True, metavar="FILE|FOLDER",
        help=tr("Folder for labelme's files, one for each face; for coco the file."),
    )  # fmt: skip
    parser.add_argument("--format", choices=FORMATS, default="labelme", help=tr("Default: labelme."))
    parser.add_argument(
        "--masks", action="store_true", help=tr("Also export the XSeg masks of faces that have no polygons.")
    )
    parser.add_argument("--overwrite", action="store_true", help=tr("Replace existing files without asking."))


def run(args: argparse.Namespace) -> int:
    """Raises UserError."""
    from dfl_cli.faceset.loading import load_faceset, skipped_facts, skipped_line
    from dfl_cli.xseg.exchange.exporting import export

    faces = load_faceset(folder_of(args.folder), args.prefer)
    done = export(faces, args.output, args.format, masks=args.masks, overwrite=args.overwrite, asks=not args.json)
    facts = {
        "format": args.format, "output": str(done.output), "faces": done.faces, "polygons": done.polygons,
        "masks": done.masks, "unlabeled": done.unlabeled,
        "skipped": skipped_facts(done.skipped),
    }  # fmt: skip
    count = ntr("Exported the labels of {count} face to {path}.", "Exported the labels of {count} faces to {path}.",
                count=done.faces, path=done.output)  # fmt: skip
    lines = [count]
    if done.unlabeled:
        lines.append(ntr("{count} face has no labels.", "{count} faces have no labels.", count=done.unlabeled))
    return answer(args, [*lines, *map(skipped_line, done.skipped)], facts)
