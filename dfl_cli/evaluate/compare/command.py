"""`dfl compare`: the scores of two models, or of two checkpoints of one, on the same faces."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from dfl_cli.evaluate import command as evaluating
from dfl_cli.evaluate.compare.compare import Comparison, compared, faces_for
from dfl_cli.evaluate.compare.html import about, page
from dfl_cli.evaluate.compare.table import rows
from dfl_cli.evaluate.evaluate import Evaluation, evaluate_model
from dfl_cli.evaluate.faces import Square
from dfl_cli.evaluate.table import in_columns
from dfl_cli.faceset.loading import load_faceset, report_skipped
from dfl_cli.store.checkpoint import find_checkpoint
from dfl_cli.store.saved_model import SavedModel
from dfl_cli.terminal.console import say
from dfl_cli.translate import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    names = {
        "a": tr(
            "Name of the first model; NAME@ITERATION for one of its saves, NAME@01 for a backup, NAME@best for its best save."
        ),
        "b": tr("The second one, in the same way."),
    }
    for name, text in names.items():
        parser.add_argument(name, metavar=name.upper(), help=text)
    evaluating.add_flags(parser, page=tr("Write a page with the table and the frames that differ most."))


def run(args: argparse.Namespace) -> int:
    """Returns 0. Raises UserError."""
    html = evaluating.html_file(args)
    models, *folders = evaluating.folders(args)
    saves = [find_checkpoint(models, name) for name in (args.a, args.b)]
    src, dst = (load_faceset(folder, args.prefer) for folder in folders)
    src, dst = list(src), list(evaluating.scored(dst, *saves, given=args.dst is not None))
    found = compared(*evaluations(args, saves, src, dst))
    report_skipped(found.skipped)
    if html:
        evaluating.write_page(html, page(*saves, found))
    answer(args, saves, found)
    return 0


def evaluations(args: argparse.Namespace, saves: Sequence[SavedModel], src: list, dst: list) -> list[Evaluation]:
    """One after the other, so that only one network is in memory. Raises UserError."""
    evaluating.prepare_device(args)
    options, found = evaluating.options_of(args), []
    squares = [Square.of(saved.options) for saved in saves]
    for saved, faces in zip(saves, faces_for(squares, src, dst, options), strict=True):
        evaluating.announce(saved)
        known = found[0].material if found and squares[0] == squares[1] else None
        with evaluating.problems_explained(), evaluating.Bars() as bars:
            found.append(
                evaluate_model(
                    saved.build(), faces.src, faces.dst, faces.square, own=evaluating.own_options(saved),
                    truth=options.truth, progress=bars.begin, known=known,
                )
            )  # fmt: skip
    return found


def answer(args: argparse.Namespace, saves: Sequence[SavedModel], found: Comparison) -> None:
    """For a person or for a program."""
    if args.json:
        a, b = (evaluating.facts(*one) for one in zip(saves, found[:2], strict=True))
        differences = {name: one.as_json() for name, one in found.differences.items()}
        evaluating.print_json({"a": a, "b": b, "difference": differences})
        return
    for letter, saved in zip("AB", saves, strict=True):
        say(about(letter, saved))
    for line in in_columns(rows(found)):
        say(line)
