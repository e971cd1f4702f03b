"""Scoring the swap whenever the model is saved, so that the best save can be kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from dfl_cli.registration.measuring import FIRST
from dfl_cli.store import measure_history
from dfl_cli.store.measure_history import SWAP, Measured, append_measure
from dfl_cli.store.state import State
from dfl_cli.train.saving.optional_files import OptionalFiles
from dfl_cli.translate import tr
from samplers.files.face import Face

SHARE = 0.02  # of the time, at most
NAME = SWAP  # of the number, as it is shown


class Scoring:
    """The quality of the model as it is saved; its `record` goes into the save.

    Args:
        faces: of src, and of dst those to be scored, by side.
        options: those in force.
        best: state of the best save until now; None without one.
        folder: of the model, whose `measures.jsonl` keeps every score.
        show: (name, number) shows it beside the losses.
        notice: (text) prints a line.
    """

    def __init__(
        self,
        model,
        faces: Mapping[str, Sequence[Face]],
        options: Mapping,
        *,
        best: State | None,
        folder: Path,
        show: Callable[[str, float], None],
        notice: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ):
        self.model, self.faces, self.options = model, faces, options
        self.show, self.notice, self.clock = show, notice, clock
        self.record: dict[str, float | int | None] | None = None
        self._best = (best.quality, best.iteration) if best else None
        self.folder, self._files = folder, OptionalFiles(notice)
        self._scorer = None
        self._next = clock()
        self._failed = False

    def refresh(self, iteration: int) -> None:
        """Score, unless that was done a moment ago; after an error it is not tried again, since nothing may hinder a save."""
        if self._failed or iteration < FIRST or self.clock() < self._next:
            self.record = None if self.record and self.record["iteration"] != iteration else self.record
            return
        self._failed, began = True, self.clock()
        try:
            quality = self.scorer.score(self.model)
        except MemoryError:
            self.record = None
            self.notice(tr("Not enough memory to score the swap; no best save is kept."))
            return
        self._failed, ended = False, self.clock()
        self._next = ended + (ended - began) / SHARE
        self.record = {"iteration": iteration, "value": quality.value, **quality._asdict()}
        if quality.value is not None and (self._best is None or quality.value > self._best[0]):
            self._best = (quality.value, iteration)
        known = {name: value for name, value in quality._asdict().items() if value is not None}
        if known:
            with self._files.writing(measure_history.NAME):
                append_measure(self.folder, Measured(iteration, SWAP, len(self.faces["src"]), known))
        for name, value in ((NAME, quality.value), *quality._asdict().items()):
            if value is not None:
                self.show(name, value)

    @property
    def best_iteration(self) -> int | None:
        """Of the save with the best score; None without one."""
        return self._best and self._best[1]

    @property
    def scorer(self):
        """Made when it is first needed: the networks read every face once."""
        if self._scorer is None:
            from dfl_cli.evaluate.quick import SwapScorer

            self._scorer = SwapScorer(self.faces["src"], self.faces["dst"], self.options)
        return self._scorer
