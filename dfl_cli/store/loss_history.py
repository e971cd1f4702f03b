"""`loss.csv`: one row per iteration, appended at every save, cut back to the model's iteration on resume."""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dfl_cli.store.durable import append_durably
from dfl_cli.text_files.encoding import read_table
from samplers.files.atomic_file import write_atomically

ONLY_LOSS = "loss"  # name of a loss that is the only one of its model, as XSeg's


def columns_of(names: Sequence[str]) -> tuple[str, ...]:
    """Of the file; `seconds` is the duration of the training step."""
    return ("iteration", "seconds", *(name if name == ONLY_LOSS else f"{name}_loss" for name in names))


class LossHistory:
    """Losses of every iteration of a model; 8 bytes and 4 per loss each, so that a million of them are no burden."""

    def __init__(self, path: Path, iteration: int, names: Sequence[str]):
        """Read `path` and drop what is newer than `iteration` or half-written: the file is rewritten if anything had to go.

        Args:
            names: of the losses, in the order in which they are appended.
        """
        self.path, self.names = path, tuple(names)
        self._header = ",".join(columns_of(names)) + "\n"
        self._iterations, self._losses = array("q"), array("f")
        self._unwritten: list[str] = []
        text = read_table(path) if path.is_file() else ""
        kept = [line for line in text.splitlines(keepends=True)[1:] if self._take(line, iteration)]
        whole = (self._header + "".join(kept)).encode()
        if not path.is_file() or path.read_bytes() != whole:  # also one that an editor has saved in its own encoding
            write_atomically(path, whole)

    def __len__(self) -> int:
        return len(self._iterations)

    @property
    def iteration(self) -> int:
        """The newest; 0 without any."""
        return self._iterations[-1] if self._iterations else 0

    def append(self, iteration: int, seconds: float, losses: np.ndarray) -> None:
        texts = [f"{loss:.6g}" for loss in losses]
        self._unwritten.append(",".join([str(iteration), str(round(seconds, 4)), *texts]))
        self._note(iteration, texts)  # as they will be read back, or a resumed run would see other losses

    def flush(self) -> None:
        """Append the new rows to the file and sync it; if that fails, they are written next time. Rows may be added meanwhile."""
        count = len(self._unwritten)
        rows = "".join(f"{row}\n" for row in self._unwritten[:count])
        append_durably(self.path, rows.encode() if self.path.exists() else (self._header + rows).encode())
        del self._unwritten[:count]

    def truncate(self, iteration: int) -> None:
        """Forget what came after `iteration`, in the file too, as a model does that goes back to a save."""
        written, kept = len(self) - len(self._unwritten), bisect_right(self._iterations, iteration)
        del self._iterations[kept:], self._losses[len(self.names) * kept :], self._unwritten[max(0, kept - written) :]
        if kept < written:
            lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
            write_atomically(self.path, "".join(lines[: 1 + kept]).encode())

    def clear(self) -> None:
        """Start over, as a model does that leaves pretraining."""
        self.truncate(-1)

    def losses(self, last: int | None = None) -> np.ndarray:
        """(L, number of losses) float32 of the last `last` iterations, or of all."""
        count, width = min(last or len(self), len(self)), len(self.names)
        return np.array(self._losses[width * (len(self) - count) :], np.float32).reshape(count, width)

    def _take(self, line: str, newest: int) -> bool:
        """Whether `line` is a whole row that is not too new; its losses are noted then."""
        number, *values = line.split(",")
        try:
            numbers = (int(number), *map(float, values))
        except ValueError:
            return False
        if not line.endswith("\n") or len(numbers) != 2 + len(self.names) or numbers[0] > newest:
            return False
        self._note(numbers[0], numbers[2:])
        return True

    def _note(self, iteration: int, losses) -> None:
        self._iterations.append(iteration)
        self._losses.extend(map(float, losses))
