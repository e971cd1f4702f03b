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
from dfl_cli.train.measures.measuring import Measuring
from dfl_cli.train.measures.registering import Registering
from dfl_cli.train.measures.scoring import Scoring
from dfl_cli.train.previews import Previews
from dfl_cli.train.saving.optional_files import OptionalFiles
from dfl_cli.train.saving.save_queue import SaveQueue
from dfl_cli.train.tensorboard_log import TensorBoardLog
from dfl_cli.train.upcoming import Upcoming, Uploaded
from models.engine.device import Device, Pending
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


class Dispatched(NamedTuple):
    """A step the device was given, and its batch."""

    uploaded: Uploaded
    step: Pending


class Session:
    """Model, batches and files of one training run.

    `settled` says whether the model is as it was after `iteration`. Else a step is under way, see `step`: nobody may read
    or change the model then.

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
        device: computes the steps; None: in the computer's memory.

    `measuring` says now and then how well the model does on examples it is not trained on; None where none are held out.
    `registering` measures where a model that swaps puts its faces; None for others.
    `scoring` says how good the swap is, if the best save is to be kept.
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
        device: Device | None = None,
    ):
        self.model_dir, self.model, self.feed = model_dir, model, feed
        self.device = device or Device()
        self.options, self.summary, self.schedule, self.guard = options, summary, schedule, guard
        self.model_class = state.model_class
        self.iteration, self.seed, self.history_seed = state.iteration, state.seed, state.history_seed
        self.history, self.previews, self.report, self.tensorboard = history, previews, report, tensorboard
        self.stopped = False  # somebody wished the session to end
        self.measuring: Measuring | None = None
        self.registering: Registering | None = None
        self.scoring: Scoring | None = None
        self.apply_record(record)
        self.saves = SaveQueue(
            model_dir, model, history,
            state=self.state, refresh=self.refresh, summary=summary, stored_options=state.options,
            guard=guard, previews=previews, report=report,
        )  # fmt: skip
        self._optional_files = OptionalFiles(report.notice)
        self._reported: set[str] = set()  # pictures that could not be decoded
        self.upcoming = Upcoming(feed, self.device.upload)
        self._under_way: Dispatched | None = None
        self._finished = 0.0  # when the device had nothing more to do, seconds of `time.perf_counter`
        self._waited = 0.0  # seconds the device had nothing to do before the step under way, for lack of a batch

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
        return self.schedule.ended(self.iteration, self.history.losses, self.scoring and self.scoring.best_iteration)

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
            registration=self.registering and self.registering.record and self.registering.record.as_dict(),
            quality=self.scoring and self.scoring.record,
        )

    def refresh(self) -> None:
        """Before a save: measure what it holds beside the model."""
        if self.registering:
            self.registering.refresh(self.iteration)
        if self.scoring:
            self.scoring.refresh(self.iteration)

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

    @property
    def settled(self) -> bool:
        return self._under_way is None

    def step(self, *, ahead: bool = False) -> StepOutcome:
        """Train one batch: compiled step, loss line, verdict. The next batch is uploaded meanwhile.

        ahead  dispatch the next step before the outcome of this one is read, unless something needs the model in between;
               the next call then returns the outcome of that one
        """
        if self._under_way is None:
            self._under_way = self._dispatch()
        uploaded, step = self._under_way
        waited, self._under_way = self._waited, None
        if ahead and not self._needs_model_at(self.iteration + 1) and self.upcoming.comes():
            self._under_way = self._dispatch(after=step)
        self.upcoming.prepare()
        self.previews.finish()
        try:
            losses, applied, overflowed = step.result()
        except Exception:
            self._drop_step_under_way()  # which is not computed
            raise
        self._finished = step.finished
        if overflowed:
            self.record = self.record.after_passed_batch()
            return StepOutcome(losses, applied, None)
        if not applied:
            return StepOutcome(losses, applied, self._after_skipped_step())
        self.iteration += 1
        self._report_step(losses, seconds=step.finished - step.started, waited=waited)
        return StepOutcome(losses, applied, self._after_step(uploaded.batch, losses))

    def take_back(self) -> None:
        """Leave out the step under way; its batch is the next one again. The model must be loaded again then."""
        if self._under_way is not None:
            self.upcoming.put_back(self._under_way.uploaded)
            self._drop_step_under_way()

    def settle(self) -> Exception | None:
        """Let the step under way, if there is one, be the last; returns the error that ended it."""
        try:
            if not self.settled:
                self.step()
        except Exception as error:
            return error
        return None

    def close(self) -> None:
        """Wait for the device, and let its batches go."""
        self._drop_step_under_way()
        self.upcoming.close()
        self.device.close()

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

    def _dispatch(self, after: Pending | None = None) -> Dispatched:
        """Give the next batch to the device."""
        asked = time.perf_counter()
        uploaded = next(self.upcoming)
        got = time.perf_counter()
        idle_since = (after.finished or got) if after else self._finished
        self._waited = max(0.0, got - max(asked, idle_since))
        return Dispatched(uploaded, self.device.dispatch(self.model.train, uploaded.on_device, after))

    def _drop_step_under_way(self) -> None:
        if self._under_way is not None:
            self._under_way.step.wait()
            self._under_way = None

    def _needs_model_at(self, iteration: int) -> bool:
        """Whether something between `iteration` and the next step reads the model, changes it or may be the end."""
        return (
            iteration == 1  # a new model is saved
            or 0 < self.options["target_iter"] <= iteration
            or self.schedule.may_end(iteration)
            or self.schedule.powers(iteration - 1) != self.schedule.powers(iteration)
            or self.guard.checks_at(iteration)
            or self.record.restores_steps_at(iteration)
        )

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
        if self.settled:
            self.saves.after_step()
        return None

    def _after_skipped_step(self) -> Verdict | None:
        self.record = self.record.after_skipped_step()
        if is_power_of_ten(self.record.skipped_steps):  # what happens often is reported less and less
            self.report.notice(skipped_step_line(self.iteration + 1, self.record.skipped_steps))
        return self.guard.after_skipped_step(self.iteration)


def is_power_of_ten(count: int) -> bool:
    return count == 10 ** (len(str(count)) - 1)
