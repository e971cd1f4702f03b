"""`dfl xseg suggest`: which faces to label next."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from dfl_cli.devices import choose_devices, list_gpus
from dfl_cli.faceset.actions import answer, folder_of
from dfl_cli.faceset.loading import load_faceset, report_skipped
from dfl_cli.model.listing import padded
from dfl_cli.options.flags import add_device_flags, whole_number
from dfl_cli.store.dfl_models import DflModel
from dfl_cli.store.measure_history import Comparison, compare, read_measures
from dfl_cli.store.saved_model import models_of
from dfl_cli.terminal.console import Console, notice, progress_or_lines
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.terminal.names import quoted
from dfl_cli.terminal.width import display_width
from dfl_cli.train.measures.lines import comparison_line
from dfl_cli.translate import ntr, system_reason, tr
from dfl_cli.xseg.arguments import add_face_set, add_model, known_models_folder
from dfl_cli.xseg.predict import XSEG, MaskNetwork, open_xseg, weights_file
from dfl_cli.xseg.suggest.order_file import order_file, write_order
from samplers.files.names import printable

COUNT = 20  # faces
MOST = 1000  # faces that a network is shown: minutes on a CPU


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_face_set(parser)
    add_model(parser)
    parser.add_argument(
        "--count", type=whole_number(1), default=COUNT, metavar="N", help=tr("How many faces; default: 20.")
    )
    parser.add_argument(
        "--most", type=whole_number(0), default=MOST, metavar="N",
        help=tr("How many faces the model looks at, spread over time; 0: all; default: 1000."),
    )  # fmt: skip
    add_device_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Returns 0, 1 if a face was skipped or the order could not be written, 128 + signal if it was stopped. Raises UserError."""
    from dfl_cli.xseg.suggest.suggesting import Progress, Stopped, suggest

    began = time.monotonic()
    folder = folder_of(args.folder, args.workspace)
    network, model_folder = find_network(args, folder)
    faces = load_faceset(folder, args.prefer)
    with Interrupt() as interrupt:
        progress = Progress(
            lambda count: progress_or_lines(count, tr("Reading faces"), unit=tr("faces")),
            lambda count: progress_or_lines(count, tr("Painting masks"), unit=tr("faces")),
            lambda: bool(interrupt.signal),
        )
        try:
            most = args.most or len(faces)
            found = suggest(faces, network, order_file(folder).parent, progress, count=args.count, most=most)
        except Stopped:
            notice(tr("Stopped. What the model has seen is kept; the next call goes on from there."))
            return interrupt.exit_code
    report_skipped(found.skipped)
    comparison = compare(read_measures(model_folder)) if model_folder else None
    facts = {
        "folder": str(folder),
        "model": network and network.name,
        "iteration": network and network.iteration,
        "labeled": found.labeled,
        "looked_at": found.looked_at,
        "faces": [one._asdict() for one in found.chosen],
        "comparison": comparison and {**comparison._asdict(), "helped": comparison.helped},
        "seconds": round(time.monotonic() - began, 1),
    }
    written = is_written(folder, facts)
    answer(args, lines(folder, facts, comparison, written=written), facts)
    return int(bool(found.skipped) or not written)


def find_network(args: argparse.Namespace, folder: Path) -> tuple[MaskNetwork | None, Path | None]:
    """The model to ask, and its folder if it is one of ours; None and a line about it where there is none. Raises UserError."""
    models = known_models_folder(args, folder)
    if models and (args.name or models_of(models, [XSEG]) or weights_file(DflModel(models, "", XSEG)).is_file()):
        network = open_xseg(models, args.name)
        if not network.options.get("pretrain"):
            console = Console()
            console.output = sys.stderr if args.json else console.output
            gpus = choose_devices(list_gpus(), cpu=args.cpu, given=args.gpus, silent=True, console=console)
            network.devices = [gpu.index for gpu in gpus] or "cpu"
            ours = models / network.name
            return network, ours if ours.is_dir() else None
        notice(tr("{name} is in pretraining and paints no masks yet.", name=network.name))
    notice(tr("No XSeg model is asked: faces are chosen for where they look and how they differ."))
    return None, None


def is_written(folder: Path, facts: dict) -> bool:
    """Write the order; where that fails, it is reported."""
    try:
        write_order(folder, facts)
    except OSError as error:
        reason = system_reason(error)
        notice(tr("The order could not be written to {file}: {reason}", file=order_file(folder), reason=reason))
        return False
    return True


def lines(folder: Path, facts: dict, comparison: Comparison | None, *, written: bool) -> list[str]:
    """For a person."""
    faces = facts["faces"]
    found = [
        ntr(
            "{folder}: {count} face has labels.",
            "{folder}: {count} faces have labels.",
            folder=folder,
            count=facts["labeled"],
        )
    ]
    if not faces:
        return [*found, tr("There is no face left to label.")]
    if facts["model"]:
        found.append(
            tr("Model: {name}, iteration {iteration}", name=facts["model"], iteration=facts["iteration"] or "?")
        )
    found += ["", tr("To be labeled next:"), *table(faces)]
    if comparison:
        found += ["", comparison_line(comparison)]
    if written:
        found += ["", tr("Label them: dfl xseg edit {folder} --order suggested", folder=quoted(folder))]
    return found


def table(faces: list[dict]) -> list[str]:
    """A line for each face."""
    heads = (tr("face"), tr("yaw"), tr("pitch"), tr("new"), tr("unsure"), tr("flicker"))
    rows = [heads] + [
        (
            one["name"],
            f"{one['yaw']:+.0f}",
            f"{one['pitch']:+.0f}",
            *map(share, (one["novelty"], one["uncertainty"], one["flicker"])),
        )
        for one in faces
    ]
    widths = [max(display_width(row[column]) for row in rows) for column in range(len(heads))]
    return [
        "  ".join(padded(printable(text), width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"
