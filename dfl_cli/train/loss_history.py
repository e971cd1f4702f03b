"""`loss.csv`: one row per iteration, appended at every save, cut back to the model's iteration on resume."""

import csv
import os
from pathlib import Path

import numpy as np

from dfl_cli.train.run_dir import write_atomically

HEADER = ("iteration", "seconds", "src_loss", "dst_loss")


class LossHistory:
    """Losses of every iteration since the model was born.

    Rows are (iteration, seconds, src_loss, dst_loss); `seconds` is the duration of that training step.
    """

    def __init__(self, path: Path, iteration: int):
        """Read `path` and drop what is newer than `iteration` or half-written: the file is rewritten if anything had to go."""
        self.path = path
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        self.rows = [row for row in map(_parse, text.splitlines()[1:]) if row and row[0] <= iteration]
        kept = _format([HEADER, *self.rows])
        if text != kept:
            write_atomically(path, kept.encode())
        self._written = len(self.rows)

    def append(self, iteration: int, seconds: float, losses: np.ndarray) -> None:
        self.rows.append((iteration, round(seconds, 4), *(float(f"{loss:.6g}") for loss in losses)))

    def flush(self) -> None:
        """Append the new rows to the file and sync it."""
        with self.path.open("a", encoding="utf-8", newline="") as file:
            file.write(_format(self.rows[self._written :]))
            file.flush()
            os.fsync(file.fileno())
        self._written = len(self.rows)

    def clear(self) -> None:
        """Start over, as a model does that leaves pretraining."""
        self.rows, self._written = [], 0
        write_atomically(self.path, _format([HEADER]).encode())

    def losses(self, last: int | None = None) -> np.ndarray:
        """(L, 2) float32 of the last `last` iterations, or of all."""
        rows = self.rows[-last:] if last else self.rows
        return np.array([row[2:] for row in rows], np.float32).reshape(len(rows), 2)


def _parse(line: str) -> tuple | None:
    fields = next(csv.reader([line]), [])
    try:
        iteration, *numbers = fields
        return (int(iteration), *map(float, numbers)) if len(fields) == len(HEADER) else None
    except ValueError:
        return None


def _format(rows: list) -> str:
    return "".join(",".join(str(field) for field in row) + "\n" for row in rows)
