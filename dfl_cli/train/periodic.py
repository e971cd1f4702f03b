"""Actions that recur during training: autosave, autobackup, preview history. The clock is an argument, so tests do not sleep."""

import time
from collections.abc import Callable


class EverySeconds:
    """Runs `action` each time `seconds` have passed; missed periods are one."""

    def __init__(self, seconds: float, action: Callable[[], object], clock: Callable[[], float] = time.monotonic):
        self.seconds, self.action, self.clock, self.last = seconds, action, clock, clock()

    def __call__(self) -> None:
        now = self.clock()
        if now - self.last >= self.seconds:
            self.action()
            self.last = now


class EveryIterations:
    """Runs `action(iteration)` whenever the iteration is a multiple of `period`."""

    def __init__(self, period: int, action: Callable[[int], object], iteration: Callable[[], int]):
        self.period, self.action, self.iteration = period, action, iteration

    def __call__(self) -> None:
        iteration = self.iteration()
        if iteration % self.period == 0:
            self.action(iteration)
