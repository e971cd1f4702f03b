"""The answers after the last question: a list to look over, where a number changes an answer and Enter goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dfl_cli.options.kinds import plain
from dfl_cli.options.option import Option
from dfl_cli.terminal.console import Console, terminal_size
from dfl_cli.terminal.width import display_width
from dfl_cli.terminal.wrap import broken, cut
from dfl_cli.translate import tr
from samplers.files.names import printable

BACK = frozenset("<＜《〈")  # the last two are on the same key of a Chinese input method
HELP = frozenset("?？")
LINES_BELOW = 5  # of the list: what the answers cost, what can be typed, and the prompt
NARROWEST_LABEL = 12  # columns; a shorter beginning of one says nothing
GAP = "  "
INDENT = " " * 4


class WentBack(Exception):
    """The person wants to answer the previous question again."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One answer."""

    number: int | None  # to change it by; None: it was given by flag or file
    option: Option
    value: Any
    changed: bool  # other than the value that was in brackets
    source: str | None  # of what was given


def review_lines(rows: Sequence[Row], columns: int, height: int) -> list[str]:
    """The list, for a terminal of this size: one column with labels, or two without where it would not fit the height."""
    if len(rows) > height - LINES_BELOW:
        both = in_two_columns(rows)
        if max(map(display_width, both)) < columns:
            return ["", *both]
    cells = padded(cells_of(rows))
    return ["", *(with_label(text, row.option, columns) for text, row in zip(cells, rows, strict=True))]


def cells_of(rows: Sequence[Row]) -> list[str]:
    keys = max(len(row.option.key) for row in rows)
    return [cell(row, keys) for row in rows]


def cell(row: Row, keys: int) -> str:
    """`12* gan_power    0.1`: the key, by which forums and files know the option, in `keys` columns, and the value."""
    number = "" if row.number is None else str(row.number)
    source = f" ({row.source})" if row.source else ""
    value = printable(row.option.kind.show(row.value))
    return f"{number:>2}{'*' if row.changed else ' '} {row.option.key:{keys}}  {value}{source}"


def padded(cells: Sequence[str]) -> list[str]:
    width = max(map(display_width, cells))
    return [text + " " * (width - display_width(text)) for text in cells]


def in_two_columns(rows: Sequence[Row]) -> list[str]:
    half = (len(rows) + 1) // 2
    left, right = padded(cells_of(rows[:half])), [*cells_of(rows[half:]), ""]
    return [f"{one}{GAP}{other}".rstrip() for one, other in zip(left, right, strict=False)]


def with_label(text: str, option: Option, columns: int) -> str:
    """A row with as much of the label as there is room for; one that is too long takes several lines."""
    room = columns - 1 - display_width(text) - len(GAP)
    if room >= NARROWEST_LABEL:
        return f"{text}{GAP}{cut(tr(option.label), room)}"
    text = text.rstrip()
    if display_width(text) < columns:
        return text
    return f"\n{INDENT}".join(broken(text, columns - 1 - len(INDENT)))


def legend(columns: int) -> str:
    """What can be typed, on one line, or on one each where that is too long."""
    parts = (tr("Enter: go on"), tr("number: change an answer"), tr("<: last question"), tr("*: changed"))
    line = "   ".join(parts)
    return line if display_width(line) < columns else "\n".join(parts)


def ask_review(keys: Sequence[str], console: Console) -> str | None:
    """The key of the answer to change; None: all are right. Raises WentBack."""
    console.say(legend(terminal_size(console.output).columns))
    while True:
        text = console.read(" : ")
        if not text:
            return None
        if text in BACK:
            raise WentBack
        if text in HELP:
            console.say(legend(terminal_size(console.output).columns))
            continue
        number = plain(text)
        if number.isdecimal() and len(number) < 5 and 1 <= int(number) <= len(keys):
            return keys[int(number) - 1]
        console.say(
            tr("There is no answer {number}. Enter 1 to {last}, or just press Enter.", number=text, last=len(keys))
        )
