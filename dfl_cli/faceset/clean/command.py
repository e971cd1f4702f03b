"""`dfl faceset clean`: propose faces for removal, and move them to the trash folder if the person agrees."""

import argparse
from collections.abc import Callable, Collection
from pathlib import Path

from dfl_cli.faceset.clean.defects import NAMES, Defect
from dfl_cli.options.flags import add_flags_for_owner, add_prefer_flag, whole_number
from dfl_cli.terminal.console import say
from dfl_cli.terminal.names import quoted
from dfl_cli.translate import listed, tr

BY = "clean"  # in the history of the folder


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keep", nargs="+", action="extend", choices=NAMES, default=[], metavar="REASON",
        help=tr("Propose nothing for these reasons: {names}.", names=listed(NAMES[:-1])),
    )  # fmt: skip
    parser.add_argument("--closed-eyes", action="store_true", help=tr("Propose faces with closed eyes, too."))
    parser.add_argument(
        "--smallest", type=whole_number(1), metavar="PIXELS",
        help=tr("Propose faces smaller than this in their frames; default: 48, less in a set of small faces."),
    )  # fmt: skip
    add_flags_for_owner(parser)
    parser.add_argument("--move", action="store_true", help=tr("Move the proposed faces to <folder>_trash."))
    add_prefer_flag(parser)


def clean_folder(args: argparse.Namespace, folder: Path, may_move: Callable[[], bool] | None) -> tuple[list[str], dict]:
    """What was found and done, for a person and for a program.

    may_move  asks, after the person was told what was found; None where nobody can be asked
    Raises UserError.
    """
    from dfl_cli.faceset import identify
    from dfl_cli.faceset.clean import report
    from dfl_cli.faceset.images import check_loose
    from dfl_cli.faceset.loading import load_faceset
    from samplers.files.faces import Source

    faces, move = load_faceset(folder, args.prefer), args.move
    if move:
        check_loose(folder, faces.source)
    found = look_at(args, folder, faces, asks=may_move is not None)
    sheet = report.write_sheet(found, folder) if found.proposals else None
    lines = report.lines(found, sheet)
    if found.proposals and may_move and not move and faces.source is Source.FILES:
        for line in lines:
            say(line)
        lines, move = [], may_move()
    names = [each.name for each in found.proposals]
    trash = identify.move_away(folder, names, by=BY) if move and names else None
    if trash:
        lines.append(
            tr("They are in {trash}. To undo: dfl faceset clean {folder} --undo", trash=trash, folder=quoted(folder))
        )
    return lines, report.facts(found, sheet, trash)


def look_at(args: argparse.Namespace, folder: Path, faces, *, asks: bool):
    """The `report.Found` of the face set. Raises UserError."""
    from dfl_cli.faceset.clean.measures import measure_faces
    from dfl_cli.faceset.clean.proposals import is_plausible, limits_of, propose
    from dfl_cli.faceset.clean.report import Found
    from dfl_cli.faceset.loading import report_skipped
    from samplers.files.faces import Skipped

    wanted = defects_of(args)
    measurements = measure_faces(faces, folder)
    skipped = [Skipped(name, reason) for name, reason in measurements.unreadable.items()]
    report_skipped(skipped)
    looked_at = [each.face for each in measurements.values if is_plausible(each)]  # others would be nobody
    verdict = strangers_in(args, folder, looked_at, asks=asks) if Defect.STRANGER in wanted and looked_at else None
    strangers = verdict.strangers if verdict else {}
    limits = limits_of([each for each in measurements.values if each.face.name not in strangers], args.smallest)
    proposals = propose(measurements.values, strangers, wanted, limits)
    return Found(len(measurements.values), proposals, limits, verdict, skipped)


def defects_of(args: argparse.Namespace) -> Collection[Defect]:
    """What faces are proposed for."""
    wanted = {Defect(name) for name in NAMES} - {Defect(name) for name in args.keep}
    return wanted if args.closed_eyes else wanted - {Defect.CLOSED_EYES}


def strangers_in(args: argparse.Namespace, folder: Path, faces, *, asks: bool):
    """The `identify.Verdict` about the faces. Raises UserError."""
    from dfl_cli.extract.networks import NetworkChoice
    from dfl_cli.extract.people.references import read_references
    from dfl_cli.faceset import identify

    references = read_references(args.reference, NetworkChoice().open()) if args.reference else []
    found = identify.identify(faces)
    several = len(found.census.counts) > 1
    if several and (sheet := identify.write_sheet(found, folder)) and asks:
        say(tr("Pictures of everybody: {path}", path=sheet))
    return identify.judge(found, identify.wanted_parts(found, person=args.person, references=references, asks=asks))
