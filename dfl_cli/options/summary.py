"""The box that sums up a model: printed at the start, kept as summary.txt (spec wizard.md 3.3)."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from dfl_cli.options.option import Option
from dfl_cli.terminal.width import display_width
from dfl_cli.terminal.wrap import broken
from dfl_cli.translate import language, tr
from dfl_cli.units import GIGABYTE
from samplers.files.names import printable

NARROWEST_NAME = 17  # columns
FRAME = 6  # columns, with the colon


def summary_box(
    table: Sequence[Option],
    *,
    name: str,
    iteration: int,
    options: Mapping[str, Any],
    devices: Sequence | None,
    stage: str | None = None,
    columns: int | None = None,
) -> str:
    """The box as text.

    Args:
        options: the values that are in force.
        devices: what `devices.choose_devices` chose: Gpu entries, an empty list for the processor; None leaves devices out.
        stage: which part of a schedule the training is in.
        columns: of the terminal, which the box fits into; None: as wide as its values.
    """
    listed = [one for one in table if one.key in options and not one.once and is_listed(one, options[one.key])]
    rows = [(row_name(option), printable(options[option.key])) for option in listed]
    head = [(tr("Model name"), printable(name)), (tr("Current iteration"), str(iteration))]
    head += [] if stage is None else [(tr("Stage"), stage)]
    running = [] if devices is None else device_rows(devices)
    left, right = widths(head + rows + running)
    if columns is not None and left + right + FRAME > columns:
        rows = [(row_name(option, short=True), value) for option, (_, value) in zip(listed, rows, strict=True)]
        left, right = narrowed(*widths(head + rows + running), columns - FRAME)

    def line(label: str = "", value: str = "", colon: str = ": ") -> str:
        parts = list(zip_longest(broken(label, left), broken(value, right - 1), fillvalue=""))
        marks = [colon] + ["  "] * (len(parts) - 1)
        return "\n".join(
            f"=={aligned(one, left, '>')}{mark}{aligned(other, right, '<')}=="
            for mark, (one, other) in zip(marks, parts, strict=True)
        )

    def title(text: str, fill: str) -> str:
        return "==" + centered(text and f" {text} ", left + right + 2, fill) + "=="

    blank = line(colon="  ")
    lines = [title(tr("Model Summary"), "="), blank]
    for row in head:
        lines += [line(*row), blank]
    lines += [title(tr("Model Options"), "-"), blank, *(line(*row) for row in rows), blank]
    if running:
        # Translators: heading of the devices (graphics cards) in the summary box.
        lines += [title(tr("Running On"), "-"), blank, *(line(*row) for row in running), blank]
    return "\n".join([*lines, title("", "=")])


def widths(rows: Sequence[tuple[str, str]]) -> tuple[int, int]:
    """Columns of the names and of the values."""
    left = max(NARROWEST_NAME, *(display_width(label) for label, _ in rows)) + 1
    return left, max(display_width(value) for _, value in rows) + 1


def narrowed(left: int, right: int, room: int) -> tuple[int, int]:
    """The same in `room` columns: the names keep up to two thirds of them."""
    left = max(1, min(left - 1, max(room - right, 2 * room // 3)))
    return left, max(2, room - left)


def is_listed(option: Option, value: Any) -> bool:
    return option.listed_at_default or value != option.default


def row_name(option: Option, *, short: bool = False) -> str:
    """The key, as in DeepFaceLab's box; where that is not English the label, with the key unless it has to be short."""
    if language() == "en":
        return option.key
    return option.title if short else option.title_and_key


def device_rows(devices: Sequence) -> list[tuple[str, str]]:
    if not devices:
        return [(tr("Using device"), "CPU")]
    rows = []
    for gpu in devices:
        rows += [
            (tr("Device index"), str(gpu.index)),
            (tr("Name"), gpu.name),
            ("VRAM", f"{gpu.total / GIGABYTE:.2f}GB" if gpu.total else "?"),
        ]
    return rows


def aligned(text: str, columns: int, side: str) -> str:
    """`text` filled with blanks to `columns` of the terminal; str.ljust counts a wide character once."""
    padding = " " * max(0, columns - display_width(text))
    return padding + text if side == ">" else text + padding


def centered(text: str, columns: int, fill: str) -> str:
    spare = max(0, columns - display_width(text))
    return fill * (spare // 2) + text + fill * (spare - spare // 2)
