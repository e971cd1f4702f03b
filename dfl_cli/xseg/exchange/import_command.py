"""`dfl xseg import-labels`: labels of labelme or COCO put into the faces of a set."""

import argparse

from dfl_cli.faceset.actions import answer, folder_of
from dfl_cli.options.flags import path_given
from dfl_cli.terminal.names import quoted, shortened
from dfl_cli.translate import ntr, tr
from dfl_cli.xseg.arguments import add_face_set
from dfl_cli.xseg.undoing import add_undo, undo_change

NAMES_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_face_set(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--from", dest="source", type=path_given, metavar="FILE|FOLDER",
        help=tr("A COCO file, a labelme file, or a folder of labelme files. The format is detected."),
    )  # fmt: skip
    add_undo(what)
    parser.add_argument(
        "--map", action="append", default=[], metavar="LABEL=WHAT",
        help=tr("What a label means: include, exclude or skip. Can be repeated; * is every other label. "
                "Without it only the labels include and exclude are known."),
    )  # fmt: skip
    parser.add_argument("--replace", action="store_true", help=tr("Replace the labels of faces that have some."))


def run(args: argparse.Namespace) -> int:
    """1 where there were labels and none could be used. Raises UserError."""
    from dfl_cli.faceset.sort import changing
    from dfl_cli.xseg.exchange.importing import BY, import_labels, open_files
    from dfl_cli.xseg.exchange.shapes import parse_map
    from dfl_cli.xseg.labels import POLYGONS

    folder, meanings = folder_of(args.folder), parse_map(args.map)
    with changing(folder):
        if args.undo:
            return undo_change(args, folder, BY, POLYGONS, open_faces=open_files)
        done = import_labels(open_files(folder, args.prefer), args.source.expanduser(), meanings, replace=args.replace)
    facts = {
        "folder": str(folder), "imported": len(done.imported), "unchanged": len(done.unchanged), "kept": done.kept,
        "scaled": done.scaled, "skipped": [{"name": name, "reason": reason} for name, reason in done.skipped],
    }  # fmt: skip
    said = lines(done)
    if done.imported:
        said.append(tr("To undo: dfl xseg {by} {folder} --undo", by=BY, folder=quoted(folder)))
    answer(args, said, facts)
    return 0 if done.imported or done.unchanged or done.kept or not done.skipped else 1


def lines(done) -> list[str]:
    """What became of the labels, for a person."""
    found = [
        ntr("Imported the labels of {count} face.", "Imported the labels of {count} faces.", count=len(done.imported))
    ]
    if done.unchanged:
        found.append(ntr("{count} face has these labels already.", "{count} faces have these labels already.",
                         count=len(done.unchanged)))  # fmt: skip
    if done.scaled:
        found.append(
            ntr("Scaled to another image size: {count} face ({names})", "Scaled to another image size: {count} faces ({names})",
                count=len(done.scaled), names=shortened(done.scaled, 3))
        )  # fmt: skip
    if done.kept:
        found.append(
            ntr("{count} face keeps its other labels (--replace replaces them): {names}",
                "{count} faces keep their other labels (--replace replaces them): {names}",
                count=len(done.kept), names=shortened(done.kept, 3))
        )  # fmt: skip
    found += [tr("Skipped {name}: {reason}", name=name, reason=reason) for name, reason in done.skipped[:NAMES_SHOWN]]
    if (more := len(done.skipped) - NAMES_SHOWN) > 0:
        found.append(ntr("... and {count} more skipped image.", "... and {count} more skipped images.", count=more))
    return found
