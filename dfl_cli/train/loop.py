"""The training loop as a story: step, recover, periodic actions, keys, until the target, the user or a signal ends it.

The device gets the next step before the losses of this one are read, unless something is due that needs the model.
"""

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from dfl_cli.store.lock import LockLost
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.terminal.console import say
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.train.guard.record import MAX_ROLLBACKS
from dfl_cli.train.guard.report import RecoveryFailed, rollback_line
from dfl_cli.train.guard.rollback import best_save, make_newest
from dfl_cli.train.guard.verdict import Verdict
from dfl_cli.train.key_table import press
from dfl_cli.train.saving.report import SaveFailed
from dfl_cli.train.saving.snapshot import all_finite
from dfl_cli.train.session import Session
from dfl_cli.translate import ntr, tr
from models.engine.out_of_memory import OutOfMemory
from samplers.files.names import fitting

DELETION_SECONDS = 1.0  # a folder that has moved may be on its way to be deleted, with what is saved in it


def train(session: Session, actions: Sequence[Callable[[], None]], keys, interrupt: Interrupt) -> None:
    """Train until the target, the end of the stage, or until somebody stops it, and keep the work either way.

    Args:
        actions: called after every iteration, or where they have a method `due(iteration)`, at least after those it names.
        keys: `.pressed()` -> name of a key or None.

    Raises:
        RecoveryFailed: the model in memory is not saved; what is on the disk is better.
        SaveFailed: the last save failed.
        LockLost: the model's folder is no longer the one that was locked; the model is saved elsewhere.
    """
    start = session.iteration
    try:
        while not (session.settled and (session.done or session.stopped or interrupt.signal)):
            key = keys.pressed()
            waiting = key or interrupt.signal or any(is_due(action, session.iteration + 1) for action in actions)
            outcome = session.step(ahead=not waiting)
            if outcome.verdict:
                recover(session, outcome.verdict)
            session.model_dir.ensure_in_place()  # before anything is written
            if session.settled:
                after_iteration(session, actions)
                while key := key or keys.pressed():
                    press(key, session)
                    key = None
    except RecoveryFailed:
        session.saves.finish()
        raise
    except LockLost as error:
        session.settle()
        session.report.end_line()
        save_lost(session, error)
        raise
    except Exception as error:
        errors = (error, session.settle())
        if all(one.intact for one in errors if isinstance(one, OutOfMemory)):
            session.saves.emergency_save()
        raise
    finally:
        session.report.end_line()
    if session.at_target:
        say(target_line(session.iteration, session.options["target_iter"], trained=session.iteration > start))
    try:
        session.saves.final_save()
    except LockLost as error:
        save_lost(session, error)
        raise


def is_due(action: Callable[[], None], iteration: int) -> bool:
    """Whether `action` has something to do after `iteration`, and may need the model for it."""
    return not hasattr(action, "due") or action.due(iteration)


def after_iteration(session: Session, actions: Sequence[Callable[[], None]]) -> None:
    """What needs the model as the last step left it."""
    if session.iteration == 1:
        session.previews.write()  # now, while nobody expects an iteration of usual length
        session.saves.save()  # a new model exists on the disk from its first iteration on
    for action in actions:
        action()
    if verdict := session.saves.take_verdict():
        recover(session, verdict)


def save_lost(session: Session, error: LockLost) -> None:
    """Save once more where the model's folder has moved, or as a new model beside the place where it was."""
    if not session.iteration or not all_finite(session.model):
        return
    folder = error.moved_to
    if folder is None or not is_saved_in(session, folder):
        with ModelDir(free_folder(error.target)).lock() as lock:
            folder = lock.target
            session.saves.save_elsewhere(ModelDir(folder))
    session.report.notice(tr("Iteration {iteration} is saved in {folder}.", iteration=session.iteration, folder=folder))


def is_saved_in(session: Session, folder: Path) -> bool:
    """Save in `folder`, where the model has moved; whether that went well and it is still the same folder a moment later."""
    with suppress(SaveFailed):
        session.saves.save_elsewhere(ModelDir(folder))
        time.sleep(DELETION_SECONDS)
    try:
        session.model_dir.ensure_in_place()
    except LockLost as error:
        return error.moved_to == folder and not session.saves.has_unsaved
    return False


def free_folder(lost: Path) -> Path:
    """`NAME rescued`, or one like it, that nothing has."""
    count, folder = 1, lost.with_name(fitting(lost.name, " rescued"))
    while os.path.lexists(folder):
        count += 1
        folder = lost.with_name(fitting(lost.name, f" rescued {count}"))
    return folder


def target_line(iteration: int, target: int, *, trained: bool) -> str:
    """What to say about a target that is not ahead; `trained`: in this run."""
    if trained:
        return ntr(
            "Reached the target of {count} iteration.", "Reached the target of {count} iterations.", count=iteration
        )
    if iteration > target:
        return tr(
            "The model is at iteration {iteration}, past the target of {target}. Nothing was trained.",
            iteration=iteration,
            target=target,
        )
    return tr("The model is already at the target, iteration {iteration}. Nothing was trained.", iteration=iteration)


def recover(session: Session, verdict: Verdict) -> None:
    """Roll back to the best save there is, and continue from it with other batches and smaller steps.

    Raises:
        RecoveryFailed: there is none, or that has not helped several times.
    """
    session.take_back()
    session.saves.finish()
    diverged_at, rollbacks = session.iteration, session.record.recent_rollbacks
    found = best_save(
        session.model_dir,
        session.options,
        iteration=diverged_at,
        since=verdict.since,
        tried_saves=session.saves.tried_saves,
    )
    if found is None or rollbacks >= MAX_ROLLBACKS:
        kept = (
            found.iteration
            if found and make_newest(session.model_dir, found.generation)
            else session.saves.saved_iteration
        )
        raise RecoveryFailed(verdict, iteration=diverged_at, rollbacks=rollbacks, kept=kept)
    session.roll_back(found.generation, found.iteration)
    save = found.generation.folder.name
    session.apply_record(session.record.after_rollback(diverged_at, to=found.iteration, save=save))
    session.report.notice(
        rollback_line(
            verdict, session.options_in_force, broken=diverged_at, iteration=found.iteration, record=session.record
        )
    )
