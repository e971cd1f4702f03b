"""`dfl xseg apply`: the masks that a network paints, stored in the faces of a set."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dfl_cli.devices import choose_devices, list_gpus
from dfl_cli.errors import UserError
from dfl_cli.faceset.actions import answer, folder_of
from dfl_cli.faceset.loading import report_skipped
from dfl_cli.faceset.sort import changing
from dfl_cli.options.flags import add_device_flags, whole_number
from dfl_cli.options.kinds import Choice
from dfl_cli.options.option import Option
from dfl_cli.options.question import ask
from dfl_cli.terminal.console import Console, is_interactive, notice, progress_or_lines
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.translate import N_, tr
from dfl_cli.xseg.arguments import add_face_set, add_model, models_folder
from dfl_cli.xseg.history import History, joined
from dfl_cli.xseg.labels import MASK
from dfl_cli.xseg.predict import MaskNetwork, open_generic, open_xseg
from dfl_cli.xseg.undoing import add_undo, undo_change
from samplers.geometry.face_types import FaceType

if TYPE_CHECKING:
    from dfl_cli.xseg.apply.run import Applying, Report
    from dfl_cli.xseg.apply.smoothing import Window

BY = "apply"  # in the history of the folder
METHOD = "1"  # changes when the same network makes other masks
SAME = "same"  # face type: as each face has it
FACE_TYPES = (SAME, "h", "mf", "f", "wf", "head")
MOST_FRAMES = 10  # of --smooth, to each side
FACE_TYPE = Option(
    key="face_type", label=N_("XSeg model face type"), kind=Choice(FACE_TYPES), default=SAME,
    help=N_("The face type the network was trained with. same shows it every face as it is."),
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_face_set(parser)
    add_model(parser)
    parser.add_argument(
        "--generic", action="store_true",
        help=tr("Use the mask network that comes with dfl, which needs no labels and no training, instead of a model."),
    )  # fmt: skip
    parser.add_argument(
        "--face-type", choices=FACE_TYPES,
        help=tr("The face type the network was trained with; default: what its files say."),
    )  # fmt: skip
    parser.add_argument(
        "--smooth", type=whole_number(0, MOST_FRAMES), default=0, metavar="N",
        help=tr(
            "Against flicker: make each mask from those of N frames to each side, too, where they show the same; "
            "default: 0, off."
        ),
    )  # fmt: skip
    parser.add_argument(
        "--sheet", type=Path, metavar="FILE.jpg",
        help=tr("Where to write pictures of the faces with the worst masks; default: beside the face set."),
    )  # fmt: skip
    parser.add_argument(
        "--overwrite", action="store_true", help=tr("Replace an existing file of --sheet without asking.")
    )
    add_undo(parser)
    add_device_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Returns 0, 1 if a face was skipped, 128 + signal if it was stopped. Raises UserError."""
    folder = folder_of(args.folder, args.workspace)
    if args.undo:
        with changing(folder):
            return undo_change(args, folder, BY, MASK)
    check_sheet(args)
    console = Console()
    console.output = sys.stderr if args.json else console.output
    asks = is_interactive() and not args.json
    network = chosen_network(args, folder)
    if network.options.get("pretrain"):
        raise UserError(
            tr("{name} is in pretraining and paints no masks yet.", name=network.name),
            fix=tr("Train it on labeled faces: dfl xseg train --name {name} --pretrain n", name=network.name),
        )
    face_type = chosen_face_type(args, network, console if asks else None)
    gpus = choose_devices(list_gpus(), cpu=args.cpu, given=args.gpus, silent=not asks, console=console)
    network.devices = [gpu.index for gpu in gpus] or "cpu"
    with changing(folder):
        return apply_to(args, folder, network, face_type)


def chosen_network(args: argparse.Namespace, folder: Path) -> MaskNetwork:
    """Raises UserError."""
    if not args.generic:
        return open_xseg(models_folder(args, folder), args.name)
    if args.name:
        raise UserError(tr("--generic and --name both name a network."), fix=tr("Remove one of them."))
    return open_generic()


def check_sheet(args: argparse.Namespace) -> None:
    """Before the long work. Raises UserError where the sheet cannot go where it was wished."""
    from dfl_cli.options.outputs import file_to_write

    if args.sheet is None:
        return
    if args.sheet.suffix.lower() not in (".jpg", ".jpeg", ".png"):
        raise UserError(tr("Cannot write {path}.", path=args.sheet), fix=tr("Name a .jpg or .png file."))
    folder_of(args.sheet.expanduser().absolute().parent)
    args.sheet = file_to_write(args.sheet, overwrite=args.overwrite, asks=not args.json)


def chosen_face_type(args: argparse.Namespace, network: MaskNetwork, console: Console | None) -> FaceType | None:
    """What the network wants: given, as its files say, or asked; None: each face as it is."""
    if args.face_type is None and network.face_type is not None:
        return network.face_type
    short = args.face_type
    if short is None and console is not None:
        short = ask(FACE_TYPE, SAME, known={}, console=console)
    elif short is None:
        notice(
            tr(
                "The files of {name} do not say which face type it wants; faces are used as they are.",
                name=network.name,
            )
        )
    return None if short in (None, SAME) else FaceType.from_short(short)


def apply_to(args: argparse.Namespace, folder: Path, network: MaskNetwork, face_type: FaceType | None) -> int:
    """Apply the network to the locked `folder` and say what came of it. Raises UserError."""
    from dfl_cli.xseg.apply import report_text, sheet
    from dfl_cli.xseg.apply.run import Applying, Report
    from dfl_cli.xseg.apply.smoothing import windows
    from dfl_cli.xseg.apply.tracks import find_tracks
    from dfl_cli.xseg.face_files import open_loose, scan

    began = time.monotonic()
    faces = open_loose(folder, args.prefer)
    files, skipped = scan(faces, MASK)
    report_skipped(skipped)
    tracks = find_tracks(files) if args.smooth else []
    maker = joined([network.fingerprint, face_type.short if face_type is not None else SAME, str(args.smooth), METHOD])
    with History(folder, MASK) as history:
        applying = Applying(files, windows(len(files), tracks, args.smooth), face_type, history)
        left, known = applying.left(history.begin(BY, maker))
        report, exit_code = paint_all(applying, network, left) if left else (Report(), 0)
        history.drop_oldest()
    report_skipped(report.skipped)
    confidence = known | report.confidence
    worst = sheet.find_worst(files, confidence) if confidence and not exit_code else sheet.NOBODY
    written = sheet.write_sheet(worst, folder, args.sheet) if worst.unsure else None
    done = report_text.Done(
        network=network, face_type=face_type, faces=len(files), up_to_date=len(known), report=report, worst=worst,
        skipped=[*faces.skipped, *skipped, *report.skipped], sheet=written, stopped=report.applied + len(report.skipped) < len(left),
        seconds=round(time.monotonic() - began, 1),
    )  # fmt: skip
    answer(args, report_text.lines(done, folder), report_text.facts(done))
    return exit_code or int(bool(skipped or report.skipped))


def paint_all(applying: Applying, network: MaskNetwork, left: Sequence[Window]) -> tuple[Report, int]:
    """With a progress bar; also the exit code of a signal that stopped it. Raises UserError."""
    from dfl_cli.in_batches import FACES_AT_ONCE
    from dfl_cli.xseg.apply.painter import Painter
    from dfl_cli.xseg.apply.run import apply

    painter = Painter(network, at_once=min(FACES_AT_ONCE, len(left)))
    with Interrupt() as interrupt, progress_or_lines(len(left), tr("Painting masks"), unit=tr("faces")) as bar:
        try:
            report = apply(
                applying, left, painter, on_face=lambda: bar.update(1), stopped=lambda: bool(interrupt.signal)
            )
        except MemoryError as error:
            raise UserError(
                tr("Not enough device memory for this model, even for a single face."),
                saw=str(error).partition("\n")[0],
                fix=tr("Close other programs that use it, or use --cpu. Masks already applied are kept."),
            ) from error
    return report, interrupt.exit_code
