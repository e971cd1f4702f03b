"""From a plan to a trained model: stage after stage, each with a session of its own."""

import gc
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial

from dfl_cli.preview.screen import open_screen
from dfl_cli.store.saved_model import open_model
from dfl_cli.terminal.console import columns_of, say, say_wrapped
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.terminal.keys import KeySources, TerminalKeys, reads_keys
from dfl_cli.terminal.waiting import Waiting
from dfl_cli.train.backup_first import back_up_first
from dfl_cli.train.costs.estimate_line import estimate_line
from dfl_cli.train.face_sets import coverage_lines
from dfl_cli.train.guard.report import RecoveryFailed, explain_recovery_failed
from dfl_cli.train.history_faces import choose_history_faces
from dfl_cli.train.key_table import keys_in_short, keys_in_window
from dfl_cli.train.loop import target_line, train
from dfl_cli.train.memory.advice import TrainingOutOfMemory, with_fitting_batch, with_smaller_batch
from dfl_cli.train.open_session import build, open_session, precision_of, summary_of
from dfl_cli.train.periodic import AtTime, EveryIterations, EverySeconds, WhenDue
from dfl_cli.train.plan import Plan
from dfl_cli.train.report import LossReport
from dfl_cli.train.saving.report import SaveFailed, retry_last_save
from dfl_cli.train.session import Session
from dfl_cli.translate import tr

HISTORY_ITERATIONS = 10  # between two pictures of the preview history up to resolution 127, more above (models.md 5.7)


def run_session(plan: Plan, faces: Mapping, interrupt: Interrupt, waiting: Waiting) -> int:
    """Train as planned on the face sets, stage after stage; `models.engine.runtime.prepare` comes first.

    Returns the exit code: 0 at the target or on the user's wish, 128 + signal when a signal ended it.
    """
    waiting.done()  # memory may be asked about
    with ExitStack() as stack:
        screen = open_screen(plan.preview, stack, title=tr("Training preview: {name}", name=plan.model_dir.name))
        plan = with_fitting_batch(plan)
        back_up_first(plan)
        model, coverage = None, coverage_lines(plan, faces)
        while not interrupt.signal:
            try:
                precision = precision_of(plan, show=waiting.show) if model is None else model.precision
                show_overview(plan, precision, coverage)
                if compiles := model is None:
                    model = build(plan, precision, show=waiting.show)
                follows = run_stage(
                    plan, model, faces, screen=screen, interrupt=interrupt, waiting=waiting, compiles=compiles
                )
            except MemoryError as error:
                waiting.done()
                plan = with_smaller_batch(plan, error, built=model is not None)
                model, coverage = None, ()  # built again: its last step may have been cut short
                gc.collect()
                continue
            if not follows:
                break
            before, plan, coverage = plan, plan.at_next_stage(open_model(plan.model_dir)), ()
            back_up_first(plan)
            if not plan.known.network.same_training(before.options, plan.options):
                model = None
                gc.collect()  # or the memory of two models would be needed
        else:
            say(tr("Stopped before the next iteration. Nothing is lost."))
    return interrupt.exit_code


def show_overview(plan: Plan, precision: str, coverage: Sequence[str]) -> None:
    """What matters about the training, printed last. `coverage`: lines about the face sets; `precision` is what auto has come to."""
    say(summary_of(plan, precision, plan.iteration, columns=columns_of(sys.stdout)))
    for text in (*coverage, estimate_line(plan, precision)):
        say_wrapped(text)


def run_stage(
    plan: Plan, model, faces: Mapping, *, screen, interrupt: Interrupt, waiting: Waiting, compiles: bool
) -> bool:
    """Train to the end of the stage, the target, or until somebody stops it. Returns whether another stage follows now.

    compiles  its first iteration takes longer than others
    """
    with ExitStack() as stack:
        waiting.show(tr("Preparing the faces"))
        report = LossReport(end=lambda: plan.end, begin=waiting.done)
        session = open_session(plan, faces, stack, model=model, screen=screen, report=report)
        if screen:
            if plan.chooses_faces:
                waiting.done()
                choose_history_faces(session, faces, screen=screen, interrupt=interrupt)
            screen.attach(keys=keys_in_window(), notice=session.report.notice)
        if plan.tensorboard:
            say(tr("Watch with: tensorboard --logdir {folder}", folder=plan.tensorboard))
        waiting.done()
        if not (session.done or interrupt.signal):
            say_wrapped(starting_line(session))
        begin = partial(waiting.show, tr("Compiling the training step")) if compiles and not session.done else None
        train_session(session, plan, interrupt, begin=begin)
        say_goodbye(session, interrupt)
        if not session.stage_over or session.at_target or session.stopped or interrupt.signal:
            return False
        if plan.schedule.is_last:
            say(last_stage_line(session.iteration, plan))
        return not plan.schedule.is_last


def last_stage_line(iteration: int, plan: Plan) -> str:
    if 0 < plan.schedule.end < iteration:
        return target_line(iteration, plan.schedule.end, trained=iteration > plan.iteration)
    return tr("The last stage ended at iteration {iteration}.", iteration=iteration)


def train_session(
    session: Session, plan: Plan, interrupt: Interrupt, *, begin: Callable[[], None] | None = None
) -> int:
    """Train until the target, the user or a signal ends it. Returns the exit code, see `run_session`.

    begin   called once the terminal gives keys

    Raises:
        UserError: the training has diverged for good.
        TrainingOutOfMemory
    """
    try:
        with TerminalKeys() as terminal:
            if begin:
                begin()
            keys = KeySources(*filter(None, (terminal, session.previews.screen)))
            train(session, periodic_actions(session, plan), keys, interrupt)
        if session.measuring and not interrupt.signal:
            session.measuring.finish()
    except RecoveryFailed as error:
        raise explain_recovery_failed(error, plan.known.effective_options(plan.options)) from error
    except MemoryError as error:
        raise TrainingOutOfMemory(error, iteration=session.iteration + 1, kept=session.saves.saved_iteration) from error
    except SaveFailed as failure:
        retry_last_save(session.saves.final_save, failure)
    return interrupt.exit_code


def say_goodbye(session: Session, interrupt: Interrupt) -> None:
    """After the last save, where a person or a signal has ended the training; a target that was reached has its own line."""
    if (session.stopped or interrupt.signal) and not session.at_target:
        say(tr("Stopped at iteration {iteration}. Everything is saved.", iteration=session.iteration))


def periodic_actions(session: Session, plan: Plan) -> list:
    previews, saves = session.previews, session.saves
    actions = [
        WhenDue(saves.poll, lambda: saves.due),
        WhenDue(session.apply_ramps, lambda: False),  # the session itself waits where they move
        WhenDue(previews.write_first, lambda: previews.none_yet),
        EverySeconds(plan.autosave_minutes * 60, saves.save),
    ]
    if plan.deadline < math.inf:
        actions.append(AtTime(plan.deadline, session.stop))
    if session.measuring:
        actions.append(session.measuring)
    if hours := plan.options["autobackup_hour"]:
        actions.append(EverySeconds(hours * 3600, saves.backup))
    if previews.history_batch is not None:
        period = HISTORY_ITERATIONS * max(1, session.model.resolution // 64)
        actions.append(EveryIterations(period, previews.write_history, lambda: session.iteration))
    return actions


def starting_line(session: Session) -> str:
    target = session.options["target_iter"] or session.schedule.end
    start = tr("Starting. Target iteration: {target}.", target=target) if target else tr("Starting.")
    can_press = reads_keys() or session.previews.screen
    # Translators: two sentences.
    return tr("{start} {keys}", start=start, keys=keys_in_short()) if can_press else start
