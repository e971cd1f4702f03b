"""The loss line (DESIGN section 4): one that overwrites itself on a terminal, one every few seconds elsewhere."""

import sys
import time

import numpy as np

PLAIN_SECONDS = 10  # between two lines when the output is not a terminal


class LossReport:
    """Prints `[HH:MM:SS][#000123][0245ms][0.1234][0.2345]`.

    On a terminal the line shows the last iteration and overwrites itself; `settle()` leaves a line with the mean since the last
    settled one. Elsewhere every line is such a mean.
    """

    def __init__(self, stream=None, clock=time.monotonic):
        self.stream = stream if stream is not None else sys.stdout
        self.clock = clock
        self.overwrites = self.stream.isatty()
        self._losses: list[np.ndarray] = []
        self._seconds: list[float] = []
        self._iteration = 0
        self._printed = None  # when the last plain line was printed

    def step(self, iteration: int, seconds: float, losses: np.ndarray) -> None:
        """Note one iteration, and print when it is time."""
        self._iteration = iteration
        self._losses.append(losses)
        self._seconds.append(seconds)
        if self.overwrites:
            self.stream.write(f"\r{loss_line(iteration, seconds, losses)}")
            self.stream.flush()
        elif self._printed is None or self.clock() - self._printed >= PLAIN_SECONDS:
            self.settle()

    def settle(self) -> None:
        """Leave a line with the mean losses since the last one; nothing if no step came in between."""
        if not self._losses:
            return
        line = loss_line(self._iteration, float(np.mean(self._seconds)), np.mean(self._losses, axis=0))
        self.stream.write(f"\r{line}\n" if self.overwrites else f"{line}\n")
        self.stream.flush()
        self._losses, self._seconds, self._printed = [], [], self.clock()


def loss_line(iteration: int, seconds: float, losses: np.ndarray) -> str:
    duration = f"{int(seconds * 1000):04d}ms" if seconds < 10 else f"{str(seconds)[:5]}s"
    numbers = "".join(f"[{loss:.4f}]" for loss in losses)
    return f"[{time.strftime('%H:%M:%S')}][#{iteration:06d}][{duration}]{numbers}"
