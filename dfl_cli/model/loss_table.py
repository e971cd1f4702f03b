"""The loss history of a DeepFaceLab model as `loss.csv`, and back: a list of lists of floats, kept to the last bit."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dfl_cli.classes.registry import CLASSES
from dfl_cli.store.loss_history import columns_of
from dfl_cli.text_files.encoding import read_table

NUMBERS = {int, float, np.float32, np.float64}
UNKNOWN_SECONDS = 0.0  # DeepFaceLab does not keep how long an iteration took


def table_columns(model_class: str) -> tuple[str, ...]:
    """Of loss.csv: iteration, seconds, and one per loss of the class in DeepFaceLab."""
    return columns_of(CLASSES[model_class].network.loss_names)


def read_history(value: object, model_class: str) -> list[list[float]] | None:
    """The `loss_history` of a data file as lists of Python floats; None if it is anything else."""
    count = len(table_columns(model_class)) - 2
    if not isinstance(value, list | tuple | np.ndarray):
        return None
    losses = []
    for row in value:
        row = row.tolist() if isinstance(row, np.ndarray) else row
        if not isinstance(row, list | tuple) or len(row) != count:
            return None
        if not NUMBERS.issuperset(map(type, row)):
            return None
        losses.append([float(loss) for loss in row])
    return losses


def write_losses(path: Path, losses: Sequence[Sequence[float]], *, model_class: str, iteration: int) -> None:
    """One row per iteration, the last of them `iteration`; what would be before the first is left out."""
    kept = losses[max(0, len(losses) - iteration) :]
    first = iteration - len(kept) + 1
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(table_columns(model_class))
        table.writerows((first + index, UNKNOWN_SECONDS, *row) for index, row in enumerate(kept))


def read_losses(path: Path, iteration: int) -> list[list[float]]:
    """The losses of each row up to `iteration`, oldest first; half-written rows are skipped, no file is an empty table."""
    if not path.is_file():
        return []
    header, *rows = [*csv.reader(read_table(path).splitlines())] or [[]]
    losses = []
    for row in rows:
        numbers = [number_in(field) for field in row]
        if len(row) == len(header) and None not in numbers and numbers[0] <= iteration:
            losses.append(numbers[2:])
    return losses


def number_in(field: str) -> float | None:
    try:
        return float(field)
    except ValueError:
        return None
