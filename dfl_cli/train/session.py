"""A model being trained: network, batches, iteration, loss history; how it is stepped."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import NamedTuple

import numpy as np

from dfl_cli.classes.registry import CLASSES
from dfl_cli.faceset.loading import skipped_line
from dfl_cli.options.stages import Schedule
from dfl_cli.store.generation import Generation
from dfl_cli.store.loss_history import LossHistory
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import load_save
from dfl_cli.store.state import State
from dfl_cli.train.guard.guard import Guard
from dfl_cli.train.guard.record import RecoveryRecord
from dfl_cli.train.guard.report import full_steps_line, skipped_step_line
from dfl_cli.train.guard.verdict import Verdict
from dfl_cli.train.previews import Previews
from dfl_cli.train.saving.optional_files import OptionalFiles
from dfl_cli.train.saving.save_queue import SaveQueue
from dfl_cli.train.tensorboard_log import TensorBoardLog
from models.engine.out_of_memory import as_out_of_memory


class StepOutcome(NamedTuple):
    """What came of one step.

    losses   float32 (number of losses,), before the step
    applied  False when a loss or a gradient was not finite: the step changed nothing and is no iteration
    verdict  not None: the training has diverged, see `loop.recover`
    """

    losses: np.ndarray
    applied: bool
    verdict: Verdict | None


class Session:
    """Model, batches and files of one training run.

    Args:
        model: a `models.model.Model`, with the weights loaded.
        feed: batches, see `ModelClass.open_feed`.
        options: every answer of the model class.
        state: model_class, iteration, seeds and options as state.json holds them; options None for a new model.
        summary: (iteration) -> text of summary.txt.
        schedule: the stages of the training, and the present one.
        guard: detects that the training diverges.
        record: what the model has been through.
        report: shows each step and prints lines: `step(...)`, `notice(text)`, `end_line()`.
        tensorboard: shows each step as well; None: without it.
    """

    def __init__(
        self,
        model_dir: ModelDir,
        model,
        feed,
        *,
        options: Mapping,
        state: State,
        summary,
        schedule: Schedule,
        guard: Guard,
        record: RecoveryRecord,
        history: LossHistory,
        previews: Previews,
        report,
        tensorboard: TensorBoardLog | None = None,
    ):
        self.model_dir, self.model, self.feed = model_dir, model, feed
        self.options, self.summary, self.schedule, self.guard = options, summary, schedule, guard
        self.model_class = state.model_class
        self.iteration, self.seed, self.history_seed = state.iteration, state.seed, state.history_seed
        self.history, self.previews, self.report, self.tensorboard = history, previews, report, tensorboard
        self.stopped = False  # somebody wished the session to end
        self.apply_record(record)
        self.saves = SaveQueue(
            model_dir, model, history,
            state=self.state, summary=summary, stored_options=state.options,
            guard=guard, previews=previews, report=report,
        )  # fmt: skip
        self._optional_files = OptionalFiles(report.notice)
        self._reported: set[str] = set()  # pictures that could not be decoded

    @property
    def options_in_force(self) -> dict:
        """See `ModelClass.effective_options`."""
        return CLASSES[self.model_class].effective_options(self.options)

    @property
    def done(self) -> bool:
        return self.at_target or self.stage_over

    @property
    def at_target(self) -> bool:
        target = self.options["target_iter"]
        return bool(target) and self.iteration >= target

    @property
    def stage_over(self) -> bool:
        return self.schedule.ended(self.iteration, self.history.losses)

    def state(self) -> State:
        """What a save holds now."""
        return State.of(
            model_class=self.model_class,
            iteration=self.iteration,
            seed=self.seed,
            history_seed=self.history_seed,
            options=dict(self.options),
            stages=self.schedule.as_state(),
            guard=asdict(self.record),
        )

    def apply_ramps(self) -> None:
        """Set the powers that the stage moves to their values for the next step."""
        for name, value in self.schedule.powers(self.iteration).items():
            if name in self.model.powers:  # pretraining leaves them off
                self.model.set_power(name, value)

    def apply_record(self, record: RecoveryRecord) -> None:
        """Train with the step size that a model with this record needs."""
        self.record = record
        self.model.limit_steps(**record.step_limits)

    def choose_history_faces(self, seed: int, batch: tuple) -> None:
        """Let the preview history show the faces of `batch`, which `seed` has drawn."""
        self.history_seed = seed
        self.previews.fix(batch)

    def step(self) -> StepOutcome:
        """Train one batch: compiled step, loss line, verdict."""
        asked = time.perf_counter()
        batch = next(self.feed)
        started = time.perf_counter()
        losses, applied, overflowed = self.model.train(batch)
        seconds = time.perf_counter() - started
        if overflowed:
            self.record = self.record.after_passed_batch()
            return StepOutcome(losses, applied, None)
        if not applied:
            return StepOutcome(losses, applied, self._after_skipped_step())
        self.iteration += 1
        self._report_step(losses, seconds=seconds, waited=started - asked)
        return StepOutcome(losses, applied, self._after_step(batch, losses))

    def roll_back(self, generation: Generation, iteration: int) -> None:
        """Go back to a save, which is `iteration` here; the batches go on. Saves wait until the training is stable."""
        with as_out_of_memory(intact=lambda: False):
            load_save(self.model, generation, model_class=self.model_class, options=self.options)
        self.iteration = iteration
        self.saves.after_rollback(generation, iteration)
        with self._optional_files.writing(self.history.path.name):
            self.history.truncate(iteration)
        self.guard.rolled_back(iteration)
        self.apply_ramps()

    def stop(self) -> None:
        """End the session after this iteration."""
        self.stopped = True

    def _report_step(self, losses: np.ndarray, *, seconds: float, waited: float) -> None:
        self.history.append(self.iteration, seconds, losses)
        self.report.step(self.iteration, seconds, losses, waited=waited)
        if self.tensorboard:
            self.tensorboard.step(self.iteration, losses, seconds=seconds, waited=waited)
        for picture in self.feed.skipped:
            if picture.name not in self._reported:
                self._reported.add(picture.name)
                self.report.notice(skipped_line(picture))

    def _after_step(self, batch: tuple, losses: np.ndarray) -> Verdict | None:
        """What follows a step that was applied, when the training is fine: full step size again, and the save on hold."""
        self.previews.after_step(batch)
        verdict = self.guard.after_step(self.iteration, losses) or self.guard.check_collapse(
            self.iteration, partial(self.model.reconstructions, batch)
        )
        if verdict:
            return verdict
        if self.record.restores_steps_at(self.iteration):
            if self.record.recent_rollbacks:
                self.report.notice(full_steps_line(self.iteration))
            self.apply_record(self.record.with_full_steps())
        self.saves.after_step()
        return None

    def _after_skipped_step(self) -> Verdict | None:
        self.record = self.record.after_skipped_step()
        if is_power_of_ten(self.record.skipped_steps):  # what happens often is reported less and less
            self.report.notice(skipped_step_line(self.iteration + 1, self.record.skipped_steps))
        return self.guard.after_skipped_step(self.iteration)


def is_power_of_ten(count: int) -> bool:
    return count == 10 ** (len(str(count)) - 1)
