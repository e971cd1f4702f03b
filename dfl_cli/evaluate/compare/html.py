"""A comparison as one page that needs nothing beside it."""

from __future__ import annotations

import numpy as np

from dfl_cli.evaluate.compare.compare import Comparison
from dfl_cli.evaluate.compare.table import rows
from dfl_cli.evaluate.html import as_figure, as_sheet, document, element, highest, table
from dfl_cli.evaluate.table import number
from dfl_cli.store.saved_model import SavedModel
from dfl_cli.translate import listed, ntr, remarked, tr
from samplers.files.names import printable

SHEETS = ("landmark_error", "identity_transfer")  # scores of single frames by which those of the sheets are chosen


def page(a: SavedModel, b: SavedModel, found: Comparison) -> str:
    """The whole page."""
    frames = ntr("{count} frame of dst", "{count} frames of dst", count=len(found.a.names))
    titles = {
        "landmark_error": tr("By the landmarks"),
        "identity_transfer": tr("By the likeness to src"),
    }
    body = [
        element("h1", tr("A and B compared")),
        element("p", printable(about("A", a))),
        element("p", printable(about("B", b))),
        element("p", frames),
        element("p", tr("The swaps on this page are synthetic pictures.")),
        table(rows(found)),
        element("p", legend()),
        element("h2", tr("Frames that differ most")),
        element("p", tr("Each shows dst, the swap of A and the swap of B.")),
        *(sheet(found, name, titles[name]) for name in SHEETS),
    ]
    return document(tr("{a} and {b} compared", a=short(a), b=short(b)), body)


def about(letter: str, saved: SavedModel) -> str:
    """Which model a letter stands for."""
    return tr(
        "{letter}: {name}, {model_class}, iteration {iteration}",
        letter=letter,
        name=saved.name,
        model_class=saved.model_class,
        iteration=saved.iteration,
    )


def short(saved: SavedModel) -> str:
    return f"{printable(saved.name)}@{saved.iteration}"


def legend() -> str:
    return tr(
        "Interval: where the difference lies with a confidence of 95 %, by the spread over blocks of frames. A or B is better where "
        "the interval does not contain 0."
    )


def sheet(found: Comparison, name: str, title: str) -> str:
    """The frames that differ most by the score `name`; empty where no frame has one."""
    a, b = (one.scores[name].per_frame for one in found[:2])
    return as_sheet(title, [figure(found, name, frame) for frame in highest(np.abs(b - a))])


def figure(found: Comparison, name: str, frame: int) -> str:
    a, b = (one.material.swapped.one(frame) for one in found[:2])
    shown = printable(found.a.names[frame])
    of_a, of_b = (number(one.scores[name].per_frame[frame], one.scores[name].unit) for one in found[:2])
    return as_figure(
        [a.dst[0], a.swap[0], b.swap[0]],
        tr("{frame}: dst, swap of A, swap of B", frame=shown),
        remarked(shown, listed([f"A {of_a}", f"B {of_b}"])),
    )
