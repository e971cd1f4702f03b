"""The saves and backups of a session: begun at any time, written in the background, on hold while the training is suspicious."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from dfl_cli.store.generation import Generation
from dfl_cli.store.lock import LockLost
from dfl_cli.store.loss_history import LossHistory
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.state import State
from dfl_cli.train.guard.guard import Guard
from dfl_cli.train.guard.report import RecoveryFailed, save_postponed_line, suspicious_save_line
from dfl_cli.train.guard.verdict import Verdict
from dfl_cli.train.saving.report import SaveFailed, SaveTarget, explain_save_failed, save_lines
from dfl_cli.train.saving.saver import BackgroundSaver, SaveOutcome
from dfl_cli.train.saving.snapshot import ModelCopies, SaveResult, Snapshot, all_finite
from dfl_cli.translate import tr

FINAL_SAVE_DELAYS = (0, 1, 3, 6)  # seconds before each attempt to save at the end of a session


class SaveKey(NamedTuple):
    """What distinguishes one save from another."""

    iteration: int
    options: Mapping | None  # None: there is no save yet
    rollbacks: int


class SaveQueue:
    """One save at a time; those asked for meanwhile become one more.

    Args:
        history: written with each save.
        state: () -> what state.json holds of the session now.
        refresh: () -> None measures beforehand what of it is measured.
        summary: (iteration) -> text of summary.txt.
        stored_options: of the save on the disk, from which the session starts; None without any.
        guard: tells whether the training is stable.
        previews: brought up to date with each save: `request()`, `write()`, `write_if_pending()`, `finish()`.
        report: `notice(text)` prints a line, `end_line()` ends the loss line.
    """

    def __init__(
        self,
        model_dir: ModelDir,
        model,
        history: LossHistory,
        *,
        state: Callable[[], State],
        refresh: Callable[[], None] = lambda: None,
        summary: Callable[[int], str],
        stored_options: Mapping | None,
        guard: Guard,
        previews,
        report,
    ):
        self.model_dir, self.model, self.history = model_dir, model, history
        self.state, self.refresh, self.summary = state, refresh, summary
        self.guard, self.previews, self.report = guard, previews, report
        self.background = BackgroundSaver(self._snapshot)
        self.tried_saves: set[str] = set()  # generations the training went back to since it was stable last
        self._saved = self._saving = self._save_key._replace(options=stored_options)
        # Of the save on the disk, None without any.
        self.saved_iteration: int | None = None if stored_options is None else self._saved.iteration
        self._postponed = False  # a save waits until the training is stable
        self._backup_wanted = False  # and not yet begun
        self._backing_up = False  # with the save that is being written
        self._copies = ModelCopies(model)
        self._save_error: Exception | None = None  # of the last failed save
        self._verdict: Verdict | None = None  # of a save whose numbers are not finite
        self._final_delay: float | None = None  # seconds to the next attempt at the end of the session; None before

    def reserve(self) -> None:
        """Get the memory for copies in the background, so that the first save does not hold training up."""
        self.background.run(self._copies.reserve)

    @property
    def has_unsaved(self) -> bool:
        return self._saved != self._save_key

    @property
    def busy(self) -> bool:
        """Whether a save is being written or due at once."""
        return self.background.busy

    @property
    def due(self) -> bool:
        """Whether `poll` or `after_step` has something to do."""
        drawing = self.previews.write_pending and not self.background.running
        return self.background.due or drawing or (self._postponed and self.guard.stable)

    def save(self) -> None:
        """Begin a new generation and bring the previews up to date; nothing if neither iteration nor options changed.

        Training may continue at once: the generation is written in the background from copies, see `poll`.
        While the training is suspicious, the save waits.
        """
        if self.has_unsaved and not self.guard.stable:
            self._postpone()
        else:
            self._begin()

    def backup(self) -> None:
        """Save, then copy the save to backups/01, both in the background. `final_save` makes what was not made until then."""
        self._backup_wanted = True
        if not self.guard.stable:
            self._postpone()
            return
        self.report.end_line()
        self.previews.write()  # first: a copy of it goes into the backup
        self.previews.finish()
        self.background.save()

    def poll(self) -> None:
        """Call this once per iteration: reports how a save in the background ended, begins what is due."""
        self._note(self.background.poll())
        self._update_previews()

    def after_step(self) -> None:
        """Begin the save that was on hold, if the training is stable again."""
        if self._postponed and self.guard.stable:
            self._postponed = False
            self.tried_saves.clear()
            self._begin()

    def take_verdict(self) -> Verdict | None:
        """Once after a save that was not made because its numbers are not finite: the training has diverged."""
        verdict, self._verdict = self._verdict, None
        return verdict

    def after_rollback(self, generation: Generation, iteration: int) -> None:
        """The model is that of `generation` now; the next save waits until the training is stable."""
        self.tried_saves.add(generation.folder.name)
        self._saved, self._postponed = self._saved._replace(iteration=iteration), True

    def finish(self) -> bool:
        """Wait for the saves and backups that were asked for. Whether the disk now holds the model as it is."""
        while self.background.busy:
            self._note(self.background.wait())
        return not self.has_unsaved

    def final_save(self) -> None:
        """Save at the end of a session, and wait for it.

        Raises:
            SaveFailed: it failed several times.
            RecoveryFailed: weights, slots or averages are not finite any more; the save before stays.
        """
        for delay, self._final_delay in pairwise((*FINAL_SAVE_DELAYS, 0)):
            time.sleep(delay)
            self._begin()
            if self.finish():
                self._update_previews()
                self.previews.finish()
                if not self.guard.stable:
                    self.report.notice(suspicious_save_line(self._saved.iteration))
                self._report_missing_backup()
                return
            if verdict := self.take_verdict():
                raise RecoveryFailed(
                    verdict, iteration=self._save_key.iteration, rollbacks=0, kept=self.saved_iteration
                )
        raise self._save_failed

    def emergency_save(self) -> None:
        """Save after an unexpected error, unless the weights are not finite any more."""
        self.report.end_line()
        self.finish()
        iteration = self._save_key.iteration
        if iteration > self._saved.iteration and all_finite(self.model):
            self._final_delay = 0
            self.background.save()
            if self.finish():
                self.report.notice(tr("Saved iteration {iteration} before stopping.", iteration=iteration))
            elif self.take_verdict() is None:
                self.report.notice(str(explain_save_failed(self._save_failed)))

    def save_elsewhere(self, model_dir: ModelDir) -> None:
        """Save a last time, to another folder than until now."""
        with suppress(LockLost):  # of a save that was running
            self.finish()
        self.model_dir, self.history.path = model_dir, model_dir.folder / self.history.path.name
        self._saved, self._final_delay = (
            self._saved._replace(iteration=-1),
            0,
        )  # what was saved has gone with its folder
        self.background.save()
        if not self.finish():
            raise self._save_failed

    def close(self) -> None:
        """Finish the running save and end its thread."""
        self.background.close()
        self._report_missing_backup()

    @property
    def _save_key(self) -> SaveKey:
        return key_of(self.state())

    @property
    def _save_failed(self) -> SaveFailed:
        return SaveFailed(
            self._save_error, target=self._target, iteration=self._save_key.iteration, kept=self.saved_iteration
        )

    @property
    def _target(self) -> SaveTarget:
        return SaveTarget(self.model_dir.folder, self._copies.bytes)

    def _begin(self) -> None:
        self.report.end_line()
        being_saved = self.background.running and self._saving == self._save_key
        if not self._backup_wanted and (being_saved or not self.has_unsaved):
            return
        self.background.save()
        self.previews.request()

    def _update_previews(self) -> None:
        """Once a save is written: drawing while its thread computes would hold training up twice."""
        if not self.background.running:
            self.previews.write_if_pending()

    def _postpone(self) -> None:
        """Let the save wait until the training is stable, and report it once."""
        self.report.end_line()
        if not self._postponed:
            self._postponed = True
            self.report.notice(save_postponed_line(self._save_key.iteration))
        self.previews.write()

    def _snapshot(self) -> Callable[[], SaveResult]:
        """Copies of everything a save holds; the function that writes them."""
        state = self.state()
        self._saving = key_of(state)
        self._backing_up, self._backup_wanted = self._backup_wanted, False
        if self._saving == self._saved:
            snapshot = Snapshot(None, {}, "", self._backing_up)
        else:
            iteration = self._saving.iteration
            self.refresh()
            state = self.state()
            if suspicion := self.guard.suspicion(iteration):
                state = state.suspicious(suspicion)
            snapshot = Snapshot(
                state, self._copies.take(), self.summary(iteration), self._backing_up,
                best=self.model_dir.is_best(state),
            )  # fmt: skip
        return partial(snapshot.write, self.model_dir, self.history)

    def _note(self, outcome: SaveOutcome | None) -> None:
        """Take in how a save ended, and report what there is to report."""
        if outcome is None:
            return
        iteration = self._saving.iteration
        lines = save_lines(
            outcome, iteration=iteration, kept=self.saved_iteration, target=self._target, final_delay=self._final_delay
        )
        if outcome.error is not None:
            self._save_error = outcome.error
        elif outcome.result.not_finite:
            self._verdict = Verdict("weights", self.saved_iteration or 0, outcome.result.not_finite)
        else:
            self._saved, self.saved_iteration = self._saving, iteration
        if self._backing_up and (outcome.result is None or outcome.result.backup is None):
            self._backup_wanted = True  # the next save tries again
        self._backing_up = False
        for line in lines:
            self.report.notice(line)

    def _report_missing_backup(self) -> None:
        """At the end of a session, once."""
        if self._backup_wanted:
            self._backup_wanted = False
            self.report.notice(tr("The backup that was asked for was not made."))


def key_of(state: State) -> SaveKey:
    return SaveKey(state.iteration, state.options, state.guard["rollbacks"])
