"""How well a model does on examples it is not trained on: measured now and then, shown, and kept in `measures.jsonl`."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from dfl_cli.store.measure_history import NAME, Measured, append_measure, compare, read_measures
from dfl_cli.train.measures.lines import comparison_line, measured_line
from dfl_cli.train.saving.optional_files import OptionalFiles

SECONDS = 120.0  # between two measurements
SHARE = 0.02  # of the time, at most


class Measure(Protocol):
    """What a class measures, see `ModelClass.open_measure`."""

    name: str  # of the number, as it is shown
    examples: int  # how many are trained on

    def values(self, model) -> dict[str, float]:
        """A number for each held-out example, the higher the better, by what identifies it."""


class Measuring:
    """An action of the loop: measures when it is time, and says once when more examples have not helped.

    Args:
        folder: of the model.
        iteration: () -> the present one.
        show: (name, number) shows it beside the losses.
        notice: (text) prints a line.
    """

    def __init__(
        self,
        measure: Measure,
        model,
        folder: Path,
        *,
        iteration: Callable[[], int],
        show: Callable[[str, float], None],
        notice: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ):
        self.measure, self.model, self.folder = measure, model, folder
        self.iteration, self.show, self.notice, self.clock = iteration, show, notice, clock
        self.started = iteration()
        self.history = read_measures(folder, self.started)
        self.next = clock() + SECONDS
        self._files = OptionalFiles(notice)
        self._has_said = False

    def due(self, iteration: int = 0) -> bool:
        return self.clock() >= self.next

    def __call__(self) -> None:
        if self.due():
            self.take()

    def finish(self) -> None:
        """At the end of a training: the last number on a line of its own."""
        if self.iteration() > self.started:
            self.take()
            if self.history:
                self.notice(measured_line(self.history[-1]))

    def take(self) -> None:
        """Measure now."""
        began = self.clock()
        values = self.measure.values(self.model)
        if values:
            measured = Measured(self.iteration(), self.measure.name, self.measure.examples, values)
            self.history = [one for one in self.history if one.iteration < measured.iteration] + [measured]
            with self._files.writing(NAME):
                append_measure(self.folder, measured)
            self.show(measured.name, measured.mean)
            self._compare()
        ended = self.clock()
        self.next = ended + max(SECONDS, (ended - began) / SHARE)

    def _compare(self) -> None:
        comparison = compare(self.history)
        if comparison and not comparison.helped and not self._has_said:
            self._has_said = True
            self.notice(comparison_line(comparison))
