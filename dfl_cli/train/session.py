"""A model being trained: network, batches, iteration, loss history; how it is stepped and saved."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from dfl_cli.faceset.loading import skipped_line
from dfl_cli.options.stages import Schedule
from dfl_cli.store.loss_history import LossHistory
from dfl_cli.store.model_dir import Generation, ModelDir
from dfl_cli.store.saved_model import load_save
from dfl_cli.train.guard.guard import Guard
from dfl_cli.train.guard.report import doubtful_line, held_line
from dfl_cli.train.guard.rollback import Record, mind_bad_step, mind_step
from dfl_cli.train.previews import Previews
from dfl_cli.train.report import LossReport
from dfl_cli.train.saving.report import NotSaved, Place, explain_not_saved, lines_about
from dfl_cli.train.saving.saver import Outcome, Saver
from dfl_cli.train.saving.snapshot import Snapshot, Written
from dfl_cli.train.saving.spared import SparedFiles
from dfl_cli.train.tensorboard_log import TensorBoardLog
from dfl_cli.translate import tr
from models.engine.out_of_memory import told_apart

if TYPE_CHECKING:
    from dfl_cli.train.feed import Feed  # loads TensorFlow

LAST_TRIES = (0, 1, 3, 6)  # seconds before each attempt to save at the end of a session


class Session:
    """Model, batches and files of one training run.

    Args:
        model: from `models.registry.build_model`, with the weights loaded.
        options: every answer of the model class.
        state: model_class, iteration, seeds and options as state.json holds them.
        summary: () -> text of summary.txt for the present iteration.
        schedule: the stages of the training, and in which it is.
        guard: sees when the training breaks down.
        record: what the model has been through.
    """

    def __init__(
        self,
        model_dir: ModelDir,
        model,
        feed: "Feed",
        *,
        options: Mapping,
        state: Mapping,
        summary,
        schedule: Schedule,
        guard: Guard,
        record: Record,
    ):
        self.model_dir, self.model, self.feed = model_dir, model, feed
        self.options, self.summary, self.schedule, self.guard = options, summary, schedule, guard
        self.model_class = state["model_class"]
        self.iteration, self.seed, self.history_seed = state["iteration"], state["seed"], state["history_seed"]
        self.history = LossHistory(model_dir.folder / "loss.csv", self.iteration)
        self.report = LossReport(end=lambda: self.options["target_iter"] or schedule.end)
        self.previews = Previews(
            model_dir.folder, model, self.history, model_class=self.model_class, options=options, report=self.report
        )
        self.spared = SparedFiles(self.report.notice)
        self.log: TensorBoardLog | None = None
        self.stopped = False  # somebody wished the session to end
        self.tried: set[str] = set()  # saves the training went back to since it was calm last
        self.take_care(record)
        self._saved = self._begun = (self.iteration, state["options"], record.rollbacks)
        self.kept = None if state["options"] is None else self.iteration  # iteration of the save on the disk, if any
        self._held = False  # a save waits for calm
        self.saver = Saver(self._snapshot)
        self._copies: dict[str, dict[str, np.ndarray]] = {}  # of the last save, whose memory the next one uses
        self._backup_wanted = False
        self._trouble: Exception | None = None  # what the last failed save failed of
        self._next_try: float | None = None  # seconds to the next attempt at the end of the session; None before
        self._reported = set()

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

    def follow_ramps(self) -> None:
        """Set what the stage moves to its value for the next step."""
        for name, value in self.schedule.powers(self.iteration).items():
            if name in self.model.powers:  # pretraining leaves them off
                self.model.set_power(name, value)

    def step(self) -> None:
        """One iteration: batch, compiled step, loss line. A step that is left out is none; a rollback makes it an earlier one.

        Raises:
            GaveUp: the training has broken down for good; what is on the disk is better.
        """
        asked = time.perf_counter()
        batch = next(self.feed)
        started = time.perf_counter()
        losses, applied = self.model.train(batch)
        seconds = time.perf_counter() - started
        if not applied:
            mind_bad_step(self)
            return
        self.previews.batch = batch
        self.iteration += 1
        self.history.append(self.iteration, seconds, losses)
        self.report.step(self.iteration, seconds, losses, waited=started - asked)
        if self.log:
            self.log.step(self.iteration, losses, seconds=seconds, waited=started - asked)
        self._name_skipped()
        mind_step(self, losses)
        if self._held and self.guard.calm:
            self._held = False
            self.tried.clear()
            self._save_now()

    def take_care(self, record: Record) -> None:
        """Train as carefully as a model with this record must be."""
        self.record = record
        self.model.be_careful(**record.care)

    def load(self, generation: Generation, iteration: int) -> None:
        """Go back to a save, which is `iteration` here; the batches go on. Nothing is saved until all has been calm again."""
        with told_apart(intact=lambda: False):
            load_save(self.model, generation, model_class=self.model_class, options=self.options)
        self.iteration = iteration
        self._saved, self._held = (iteration, *self._saved[1:]), True
        with self.spared.writing(self.history.path.name):
            self.history.cut(iteration)
        self.guard.back_to(iteration)
        self.follow_ramps()

    def save(self) -> None:
        """Begin a new generation and bring the previews up to date; nothing if neither iteration nor options changed.

        Training may go on at once: the generation is written in the background from copies, see `mind_saves`.
        While the training looks as if it broke down, the save waits.
        """
        if self.has_unsaved and not self.guard.calm:
            self._hold()
        else:
            self._save_now()

    @property
    def has_unsaved(self) -> bool:
        return self._saved != self._present

    def mind_saves(self) -> None:
        """Once per iteration: say how a save in the background ended, begin what is due."""
        self._note(self.saver.collect())
        self._bring_previews_up_to_date()

    def finish_saving(self) -> bool:
        """Wait for the saves and backups that were asked for. Whether the disk now holds the model as it is."""
        while self.saver.busy:
            self._note(self.saver.wait())
        return not self.has_unsaved

    def save_for_good(self) -> None:
        """Save at the end of a session, and wait for it.

        Raises:
            NotSaved: it failed several times.
        """
        for pause, self._next_try in pairwise((*LAST_TRIES, 0)):
            time.sleep(pause)
            self._save_now()
            if self.finish_saving():
                self._bring_previews_up_to_date()
                if not self.guard.calm:
                    self.report.notice(doubtful_line(self.iteration))
                return
        raise self._not_saved

    @property
    def _not_saved(self) -> NotSaved:
        return NotSaved(self._trouble, place=self._place, iteration=self.iteration, kept=self.kept)

    @property
    def _place(self) -> Place:
        sizes = (array.nbytes for arrays in self._copies.values() for array in arrays.values())
        return Place(self.model_dir.folder, sum(sizes))

    def rescue(self) -> None:
        """Save after an unexpected error, unless the weights are no longer numbers."""
        self.report.settle()
        self.finish_saving()
        if self.iteration > self._saved[0] and self._weights_are_finite():
            self._next_try = 0
            self.saver.save()
            if self.finish_saving():
                self.report.notice(tr("Saved iteration {iteration} before stopping.", iteration=self.iteration))
            else:
                self.report.notice(str(explain_not_saved(self._not_saved)))

    def backup(self) -> None:
        """Save, then copy the save to backups/01, both in the background."""
        self._backup_wanted = True
        if not self.guard.calm:
            self._hold()
            return
        self.report.settle()
        self.previews.write()  # first: a copy of it goes into the backup
        self.previews.due = False
        self.saver.save()

    def _save_now(self) -> None:
        self.report.settle()
        if not self.has_unsaved or (self.saver.running and self._begun == self._present):
            return
        self.saver.save()
        self.previews.due = True

    def _bring_previews_up_to_date(self) -> None:
        """Once a save is written: drawing while its thread computes would hold training up twice."""
        if not self.saver.running:
            self.previews.write_due()

    def _hold(self) -> None:
        """Let the save wait until all is calm, and say so once."""
        self.report.settle()
        if not self._held:
            self._held = True
            self.report.notice(held_line(self.iteration))
        self.previews.write()

    def stop(self) -> None:
        """End the session after this iteration."""
        self.stopped = True

    @property
    def _present(self) -> tuple[int, dict, int]:
        """What tells one save from another."""
        return self.iteration, dict(self.options), self.record.rollbacks

    def _snapshot(self) -> Callable[[], Written]:
        """Copies of everything a save holds; the function that writes them."""
        self._begun = self._present
        if not self.has_unsaved:
            return partial(Snapshot(None, {}, "", self._backup_wanted).write, self.model_dir, self.history)
        state = {
            "model_class": self.model_class,
            "iteration": self.iteration,
            "seed": self.seed,
            "history_seed": self.history_seed,
            "options": dict(self.options),
            **self.schedule.as_state(),
            **self.record.as_state(),
        }
        if doubt := self.guard.doubt(self.iteration):
            state["doubtful"] = doubt
        takes = {
            "weights.safetensors": self.model.weights,
            "optimizer.safetensors": self.model.optimizer_state,
            "ema.safetensors": self.model.averages,
        }
        copies = {name: take(reuse=self._copies.get(name, {})) for name, take in takes.items()}
        self._copies = {name: arrays for name, arrays in copies.items() if arrays}
        snapshot = Snapshot(state, self._copies, self.summary(self.iteration), self._backup_wanted)
        return partial(snapshot.write, self.model_dir, self.history)

    def _note(self, outcome: Outcome | None) -> None:
        """Take in how a save ended, and say what there is to say."""
        if outcome is None:
            return
        iteration = self._begun[0]
        lines = lines_about(outcome, iteration=iteration, kept=self.kept, place=self._place, next_try=self._next_try)
        if outcome.error is not None:
            self._trouble = outcome.error
        else:
            self._saved, self.kept = self._begun, iteration
            self._backup_wanted = self._backup_wanted and outcome.result.backup is None
        for line in lines:
            self.report.notice(line)

    def _weights_are_finite(self) -> bool:
        return all(np.isfinite(array).all() for array in self.model.weights().values())

    def _name_skipped(self) -> None:
        """Pictures that could not be decoded while training, each said once."""
        for picture in self.feed.skipped:
            if picture.name not in self._reported:
                self._reported.add(picture.name)
                self.report.notice(skipped_line(picture))
