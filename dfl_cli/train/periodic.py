"""Actions that recur during training: autosave, autobackup, preview history. The clock is an argument, so tests do not sleep.

`due(iteration)` says beforehand whether a call after that iteration will do something.
"""

import time
from collections.abc import Callable


class EverySeconds:
    """Runs `action` each time `seconds` have passed; missed periods are one."""

    def __init__(self, seconds: float, action: Callable[[], object], clock: Callable[[], float] = time.monotonic):
        self.seconds, self.action, self.clock, self.last = seconds, action, clock, clock()

    def due(self, iteration: int = 0) -> bool:
        return self.clock() - self.last >= self.seconds

    def __call__(self) -> None:
        if self.due():
            began = self.clock()
            self.action()
            self.last = began


class AtTime:
    """Runs `action` after every iteration from `moment` on, in seconds of `clock`."""

    def __init__(self, moment: float, action: Callable[[], object], clock: Callable[[], float] = time.monotonic):
        self.moment, self.action, self.clock = moment, action, clock

    def due(self, iteration: int = 0) -> bool:
        return self.clock() >= self.moment

    def __call__(self) -> None:
        if self.due():
            self.action()


class EveryIterations:
    """Runs `action(iteration)` whenever the iteration is a multiple of `period`."""

    def __init__(self, period: int, action: Callable[[int], object], iteration: Callable[[], int]):
        self.period, self.action, self.iteration = period, action, iteration

    def due(self, iteration: int) -> bool:
        return iteration % self.period == 0

    def __call__(self) -> None:
        iteration = self.iteration()
        if self.due(iteration):
            self.action(iteration)


class WhenDue:
    """Runs `action` after every iteration that nothing follows yet, and after each for which `due()` is true."""

    def __init__(self, action: Callable[[], object], due: Callable[[], bool]):
        self.action, self._due = action, due

    def due(self, iteration: int) -> bool:
        return self._due()

    def __call__(self) -> None:
        self.action()
