"""`loss.csv`: one row per iteration, appended at every save, cut back to the model's iteration on resume."""

import os
import warnings
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from dfl_cli.store.durable import append_durably
from dfl_cli.terminal.console import notice
from dfl_cli.text_files.encoding import read_table, shown
from dfl_cli.translate import ntr
from samplers.files.atomic_file import write_atomically
from samplers.files.regular_file import LARGEST_TABLE, FileTooLarge, open_regular

BLOCK_BYTES = 16 << 20
LAST_BYTES = 4 << 20  # at the end of the file, for `last_rows`: about a hundred thousand rows
ROW_BYTES = np.isin(np.arange(256), list(b"0123456789.,+-e\n"))  # whether a byte may be in a row of ours
LARGEST_LOSS = float(np.finfo(np.float32).max)
LARGEST_ITERATION = 10**12  # of a row that was written; anything beyond is damage
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
        self._bad_rows, self._first_bad = 0, ""
        if self._has_our_header():
            self._read_blocks(iteration)
        else:  # there is none, or an editor has saved it in its own encoding
            text = read_table(path) if path.is_file() else ""
            kept = [line for line in text.splitlines(keepends=True)[1:] if self._take(line, iteration)]
            write_atomically(path, (self._header + "".join(kept)).encode())
        if self._bad_rows:
            notice(bad_rows_line(path, self._bad_rows, self._first_bad))

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
            write_atomically(self.path, first_lines(self.path, 1 + kept))

    def clear(self) -> None:
        """Start over, as a model does that leaves pretraining."""
        self.truncate(-1)

    def losses(self, last: int | None = None) -> np.ndarray:
        """(L, number of losses) float32 of the last `last` iterations, or of all."""
        count, width = min(last or len(self), len(self)), len(self.names)
        return np.array(self._losses[width * (len(self) - count) :], np.float32).reshape(count, width)

    def _has_our_header(self) -> bool:
        try:
            with open_regular(self.path) as file:
                if (size := os.fstat(file.fileno()).st_size) > LARGEST_TABLE:
                    raise FileTooLarge(self.path, size, LARGEST_TABLE)
                return file.read(len(self._header)) == self._header.encode()
        except FileNotFoundError:
            return False

    def _read_blocks(self, newest: int) -> None:
        """Read the rows block by block, most of them all at once: ten million take seconds. The file is repaired if any had to go."""
        kept: list[tuple[int, int] | bytes] = [self._header.encode()]  # parts of the file, or what remains of one
        repair, place = False, len(self._header)
        for block in line_blocks(self.path, place):
            rows = rows_of(block, 2 + len(self.names))
            if rows is not None and self._follow(rows, newest):
                self._iterations.frombytes(rows[:, 0].astype(np.int64).tobytes())
                self._losses.frombytes(rows[:, 2:].astype(np.float32).tobytes())
                kept.append((place, place + len(block)))
            else:
                lines = block.decode("utf-8", "replace").splitlines(keepends=True)
                kept.append("".join(line for line in lines if self._take(line, newest)).encode())
                repair |= kept[-1] != block
            place += len(block)
        if repair:
            write_atomically(self.path, parts_of(self.path, kept))

    def _follow(self, rows: np.ndarray, newest: int) -> bool:
        """Whether all rows are ones of ours that continue the ones before, up to `newest`."""
        numbers = np.concatenate([[self.iteration], rows[:, 0]])
        in_order = (np.diff(numbers) > 0).all() and (numbers == np.floor(numbers)).all() and numbers[-1] <= newest
        return bool(in_order and (np.abs(rows[:, 2:]) <= LARGEST_LOSS).all())

    def _take(self, line: str, newest: int) -> bool:
        """Whether `line` is a whole row that is not too new and follows the one before; its losses are noted then."""
        number, *values = line.split(",")
        try:
            numbers = (int(number), *map(float, values))
        except ValueError:
            return self._report_bad(line)
        if not line.endswith("\n") or newest < numbers[0] <= LARGEST_ITERATION:
            return False
        right = len(numbers) == 2 + len(self.names) and self.iteration < numbers[0] <= newest
        if not right or not all(abs(loss) <= LARGEST_LOSS for loss in numbers[2:]):
            return self._report_bad(line)
        self._note(numbers[0], numbers[2:])
        return True

    def _report_bad(self, line: str) -> bool:
        """Count a row that is none of ours; not one that was half written when the power went."""
        if line.endswith("\n"):
            self._bad_rows, self._first_bad = self._bad_rows + 1, self._first_bad or line
        return False

    def _note(self, iteration: int, losses) -> None:
        self._iterations.append(iteration)
        self._losses.extend(map(float, losses))


def bad_rows_line(path: Path, count: int, first: str) -> str:
    return ntr(
        "{file}: {count} row is damaged and left out, the first: {row}",
        "{file}: {count} rows are damaged and left out, the first: {row}",
        count=count,
        file=path.name,
        row=shown(first),
    )


def last_rows(path: Path) -> np.ndarray | None:
    """(rows, 2 + losses) float64 at the end of the file, which is not repaired; None where it is missing or damaged there."""
    try:
        with open_regular(path) as file:
            columns = file.readline().count(b",") + 1
            start = file.tell()
            file.seek(max(start, file.seek(0, os.SEEK_END) - LAST_BYTES))
            block = file.read() if file.tell() == start else b"".join(file.readlines()[1:])
    except OSError:
        return None
    whole = block[: block.rfind(b"\n") + 1]
    return rows_of(whole, columns) if whole and columns > 2 else None


def line_blocks(path: Path, start: int) -> Iterator[bytes]:
    """The file from byte `start` on in blocks of whole lines; the last line may be half a one."""
    with open_regular(path) as file:
        file.seek(start)
        while block := file.read(BLOCK_BYTES):
            yield block + file.readline()


def rows_of(block: bytes, width: int) -> np.ndarray | None:
    """(rows, width) float64 of lines with `width` numbers each; None if any line is something else."""
    letters = np.frombuffer(block, np.uint8)
    if not ROW_BYTES[letters].all() or letters[-1] != ord("\n"):
        return None
    ends = np.flatnonzero(letters == ord("\n"))
    commas = np.searchsorted(np.flatnonzero(letters == ord(",")), ends)  # before each end of a line
    if (np.diff(commas, prepend=0) != width - 1).any() or b",," in block or b",\n" in block or b"\n," in block:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            numbers = np.fromstring(block.replace(b"\n", b","), np.float64, sep=",")
    except (ValueError, DeprecationWarning):
        return None
    return numbers.reshape(-1, width) if len(numbers) == len(ends) * width else None


def first_lines(path: Path, count: int) -> Iterator[bytes]:
    """The first `count` lines of a file, in blocks."""
    for block in line_blocks(path, 0):
        ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))
        if len(ends) >= count:
            yield block[: ends[count - 1] + 1] if count else b""
            return
        count -= len(ends)
        yield block


def parts_of(path: Path, parts: Iterable[tuple[int, int] | bytes]) -> Iterator[bytes]:
    """The bytes of ranges of a file, and other bytes, in their order."""
    with open_regular(path) as file:
        for part in parts:
            if isinstance(part, bytes):
                yield part
            else:
                file.seek(part[0])
                yield file.read(part[1] - part[0])
