"""The loss line (DESIGN section 4): one that overwrites itself on a terminal, one every few seconds elsewhere."""

import sys
import time
from collections.abc import Callable

import numpy as np

from dfl_cli.terminal.console import notice, terminal_size
from dfl_cli.terminal.width import display_width
from dfl_cli.translate import phrases, tr

PLAIN_SECONDS = 10  # between two lines when the output is not a terminal


class LossReport:
    """Prints `[HH:MM:SS][#000123][0245ms][0.1234][0.2345] 2h13m left, waited for faces 3%`.

    On a terminal the line shows the last iteration and overwrites itself; `end_line()` leaves a line with the mean since the last
    settled one. Elsewhere every line is such a mean.

    Args:
        end: () -> the iteration at which training ends; 0 while there is none, and no time left is shown.
        begin: called before the first line.
    """

    def __init__(
        self,
        stream=None,
        clock=time.monotonic,
        *,
        end: Callable[[], int] = lambda: 0,
        begin: Callable[[], None] = lambda: None,
    ):
        self.stream = stream if stream is not None else sys.stdout
        self.clock, self.end, self.begin = clock, end, begin
        self.overwrites = self.stream.isatty()
        self._steps, self._losses, self._seconds, self._waited = 0, 0.0, 0.0, 0.0  # number and sums since the last line
        self._iteration = 0
        self._measures: dict[str, float] = {}  # the newest, by name
        self._first: tuple[int, float] | None = (
            None  # iteration and time after the first step, which is slow: it compiles
        )
        self._printed = None  # when the last plain line was printed

    def step(self, iteration: int, seconds: float, losses: np.ndarray, *, waited: float) -> None:
        """Note one iteration of `seconds`, before which the batch was waited for, and print when it is time."""
        self._iteration = iteration
        self._steps += 1
        self._losses = self._losses + losses.astype(np.float64)
        self._seconds += seconds
        self._waited += waited
        if self._first is None:
            self.begin()
            self._first = iteration, self.clock()
        if self.overwrites:
            columns = terminal_size(self.stream).columns
            line = loss_line(iteration, seconds, losses)[: columns - 1]  # a full row would begin the next one
            self.stream.write(f"\r{line}{padded_to(self._time_left(), room=columns - len(line))}")
            self.stream.flush()
        elif self._printed is None or self.clock() - self._printed >= PLAIN_SECONDS:
            self.end_line()

    def end_line(self) -> None:
        """Leave a line with the mean losses since the last one; nothing if no step came in between."""
        if not self._steps:
            return
        line = loss_line(self._iteration, self._seconds / self._steps, self._losses / self._steps)
        if self.overwrites:
            self.stream.write(f"\r{' ' * (terminal_size(self.stream).columns - 1)}\r{line}\n")
        else:
            self.stream.write(f"{line} {self._time_left()}\n")
        self.stream.flush()
        self._steps, self._losses, self._seconds, self._waited = 0, 0.0, 0.0, 0.0
        self._printed = self.clock()

    def show_measure(self, name: str, value: float) -> None:
        """Let the lines from now on show a number about examples that are not trained on."""
        self._measures[name] = value

    def notice(self, text: str) -> None:
        """A notice on a line of its own."""
        self.end_line()
        notice(text)

    def _time_left(self) -> str:
        """The time to the end, by the pace since the first step, measures, and the share of the time spent waiting for batches."""
        total = self._seconds + self._waited
        parts = [f"{name} {value:.3f}" for name, value in self._measures.items()]
        parts.append(tr("waited for faces {share:.0%}", share=self._waited / total if total else 0))
        began, then = self._first
        if self.end() and self._iteration > began:
            pace = (self.clock() - then) / (self._iteration - began)
            left = max(0, self.end() - self._iteration) * pace
            parts.insert(0, tr("{duration} left", duration=duration(left)))
        return phrases(parts)


def loss_line(iteration: int, seconds: float, losses: np.ndarray) -> str:
    took = f"{int(seconds * 1000):04d}ms" if seconds < 10 else f"{str(seconds)[:5]}s"
    numbers = "".join(f"[{loss:.4f}]" for loss in losses)
    return f"[{time.strftime('%H:%M:%S')}][#{iteration:06d}][{took}]{numbers}"


def padded_to(text: str, *, room: int) -> str:
    """` text`, filled with blanks so that it covers a longer one before it; empty where the line would be full."""
    return f" {text}{' ' * (room - display_width(text) - 2)}" if display_width(text) + 2 <= room else ""


def duration(seconds: float) -> str:
    """`45s`, `12m`, `2h13m`, `3d4h`: the two largest units."""
    minutes, hours, days = seconds / 60, seconds / 3600, seconds / 86400
    if seconds < 60:
        return f"{seconds:.0f}s"
    if hours < 1:
        return f"{minutes:.0f}m"
    if days < 1:
        return f"{int(hours)}h{int(minutes) % 60:02d}m"
    return f"{int(days)}d{int(hours) % 24}h"
