"""A comparison as a table for a person."""

from __future__ import annotations

from typing import NamedTuple

from dfl_cli.evaluate.compare.compare import Comparison, Difference
from dfl_cli.evaluate.table import NONE, labels, number
from dfl_cli.translate import tr


class Row(NamedTuple):
    """A metric in words."""

    label: str
    a: str
    b: str
    difference: str
    interval: str
    better: str


def heading() -> Row:
    # Translators: columns of a table of measurements of two models, A and B.
    return Row(tr("metric"), "A", "B", "B − A", tr("interval (95 %)"), tr("better"))


def rows(found: Comparison) -> list[Row]:
    """The heading and a row for each score."""
    named = labels()
    return [
        heading(),
        *(row(named[name], found, name, difference) for name, difference in found.differences.items()),
    ]


def row(label: str, found: Comparison, name: str, difference: Difference) -> Row:
    a, b = found.a.scores[name], found.b.scores[name]
    interval = NONE if difference.low is None else f"[{signed(difference.low, '')}, {signed(difference.high, '')}]"
    return Row(
        label,
        number(a.value, a.unit),
        number(b.value, b.unit),
        signed(difference.value, a.unit),
        interval,
        difference.better.upper() if difference.better else NONE,
    )


def signed(value: float | None, unit: str) -> str:
    shown = number(value, unit)
    return f"+{shown}" if value and value > 0 else shown
