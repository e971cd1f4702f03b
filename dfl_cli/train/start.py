"""From a plan to a trained model: face sets, network, session, loop."""

import contextlib
import gc
from contextlib import ExitStack
from pathlib import Path

from dfl_cli.model.initialize import initialize_from
from dfl_cli.options.summary import summary_box
from dfl_cli.preview.screen import open_screen
from dfl_cli.store.saved_model import load_save, open_model
from dfl_cli.terminal.console import is_interactive, notice, say
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.terminal.keys import Keyboards, TerminalKeys, reads_keys
from dfl_cli.train.backup_first import back_up_first, stage_line
from dfl_cli.train.chores import EveryIterations, EverySeconds
from dfl_cli.train.guard.guard import Guard
from dfl_cli.train.guard.report import explain_gave_up
from dfl_cli.train.guard.rollback import GaveUp
from dfl_cli.train.history_faces import choose_history_faces
from dfl_cli.train.key_table import keys_in_short, keys_in_window
from dfl_cli.train.loop import train
from dfl_cli.train.memory.advice import MemoryShort, with_room, with_smaller_batch
from dfl_cli.train.plan import Plan
from dfl_cli.train.saving.report import NotSaved, explain_not_saved, wants_another_try
from dfl_cli.train.session import Session
from dfl_cli.train.tensorboard_log import TensorBoardLog
from dfl_cli.translate import tr
from models.engine.out_of_memory import told_apart

HISTORY_ITERATIONS = 10  # between two pictures of the preview history up to resolution 127, more above (models.md 5.7)


def run_session(plan: Plan, src, dst, interrupt: Interrupt) -> int:
    """Train as planned on the face sets `src` and `dst`, stage after stage; `models.engine.runtime.prepare` comes first.

    Returns the exit code: 0 at the target or on the user's wish, 128 + signal when a signal ended it.
    """
    with ExitStack() as stack:
        screen = open_screen(plan.preview, stack, title=tr("Training preview: {name}", name=plan.model_dir.name))
        plan = with_room(plan)
        back_up_first(plan)
        model = None
        while not interrupt.signal:
            try:
                if model is None:
                    model = build(plan)
                    say(tr("The first iteration takes longer than the others: the training step is compiled."))
                follows = run_stage(plan, model, (src, dst), screen=screen, interrupt=interrupt)
            except MemoryError as error:
                plan = with_smaller_batch(plan, error, built=model is not None)
                model = None  # anew, as it was: its last step may have been cut short
                gc.collect()
                continue
            if not follows:
                break
            before, plan = plan, plan.at_next_stage(open_model(plan.model_dir))
            back_up_first(plan)
            if not plan.known.network.same_training(before.options, plan.options):
                model = None
                gc.collect()  # or the memory of two models would be needed
    return interrupt.exit_code


def run_stage(plan: Plan, model, faces: tuple, *, screen, interrupt: Interrupt) -> bool:
    """Train to the end of the stage, the target, or until somebody stops it. Returns whether another stage follows now."""
    src, dst = faces
    with ExitStack() as stack:
        session = open_session(plan, src, dst, stack, model=model, screen=screen)
        if screen:
            if plan.chooses_faces:
                choose_history_faces(session, src, dst, screen=screen, interrupt=interrupt)
            screen.keys, screen.notice = keys_in_window(), session.report.notice
        if plan.tensorboard:
            session.log = session.previews.log = open_log(session, plan, stack)
        say(session.summary(session.iteration))
        say(starting_line(session))
        train_session(session, plan, interrupt)
        if not session.stage_over or session.at_target or session.stopped or interrupt.signal:
            return False
        if plan.schedule.is_last:
            say(tr("The last stage has ended at iteration {iteration}.", iteration=session.iteration))
        return not plan.schedule.is_last


def train_session(session: Session, plan: Plan, interrupt: Interrupt) -> int:
    """Train until the target, the user or a signal ends it. Returns the exit code, see `run_session`.

    Raises:
        UserError: the training has broken down for good.
        MemoryShort
    """
    try:
        with TerminalKeys() as terminal:
            keys = Keyboards(*filter(None, (terminal, session.previews.screen)))
            train(session, [session.mind_saves, *chores(session, plan)], keys, interrupt)
    except GaveUp as error:
        raise explain_gave_up(error, plan.options) from error
    except MemoryError as error:
        raise MemoryShort(error, iteration=session.iteration + 1, kept=session.kept) from error
    except NotSaved as failure:
        insist(session, failure)
    if interrupt.signal:
        say(tr("Stopped at iteration {iteration}; everything is saved.", iteration=session.iteration))
    return interrupt.exit_code


def insist(session: Session, failure: NotSaved) -> None:
    """Try the last save again as long as somebody is there who says so.

    Raises:
        UserError: nobody is, or it was given up.
    """
    while is_interactive() and wants_another_try(failure):
        try:
            session.save_for_good()
        except NotSaved as again:
            failure = again
        else:
            return
    raise explain_not_saved(failure)


def open_session(plan: Plan, src, dst, stack: ExitStack, *, model, screen=None) -> Session:
    """Batches and files of a new or an existing model, whose network `build` has made; `stack` closes the batches."""
    saved, iteration = plan.saved, plan.iteration
    if saved is None:
        plan.model_dir.create(plan.model_class, plan.known.structure(plan.options))
    else:
        tidy(plan)
    options = plan.known.in_force(plan.options)
    feed = stack.enter_context(
        plan.known.open_feed(src, dst, options, seed=plan.seed, start=iteration + plan.record.passed_over)
    )
    session = Session(
        plan.model_dir,
        model,
        feed,
        options=plan.options,
        state={
            "model_class": plan.model_class,
            "iteration": iteration,
            "seed": plan.seed,
            "history_seed": plan.history_seed,
            "options": saved and saved.options,
        },
        summary=lambda reached: summary_of(plan, reached),
        schedule=plan.schedule,
        guard=Guard(iteration, plan.doubt, steady=not plan.schedule.stage.ramps),
        record=plan.record,
    )
    stack.callback(session.saver.close)
    if plan.preview != "off":
        session.previews.open_gallery(screen)
    if plan.options["write_preview_history"]:
        session.previews.fixed = plan.known.fixed_batch(src, dst, options, seed=plan.history_seed)
    if plan.leaves_pretraining:
        session.history.clear()
        put_pictures_away(plan.model_dir.folder)
    session.follow_ramps()
    return session


def put_pictures_away(folder: Path) -> None:
    """The preview history of pretraining makes room for one that counts from 0 again."""
    history = folder / "history"
    if history.is_dir():
        taken = sum(1 for _ in folder.glob("history_pretraining*"))
        history.rename(folder / f"history_pretraining{taken + 1}")


def open_log(session: Session, plan: Plan, stack: ExitStack) -> TensorBoardLog:
    log = TensorBoardLog(
        plan.tensorboard, session.iteration, lambda: session.model.learning_rate, notice=session.report.notice
    )
    stack.enter_context(log)
    log.describe(session.options)
    say(tr("Watch with: tensorboard --logdir {folder}", folder=plan.tensorboard))
    return log


def tidy(plan: Plan) -> None:
    """Clear away what an interrupted save left, write a lost model.json again, and name the save the run starts from as current."""
    for name in plan.model_dir.clean():
        notice(tr("Removed what an interrupted save left: {name}.", name=name))
    with contextlib.suppress(OSError):  # a full disk; the next save does it
        plan.model_dir.make_current(plan.saved.generation)
    if not plan.model_dir.has_identity():
        plan.model_dir.create(plan.model_class, plan.known.structure(plan.options))
        notice(
            tr(
                "model.json was lost; it is written again from what the save {name} knows.",
                name=plan.saved.generation.folder.name,
            )
        )


def build(plan: Plan):
    """The network, with what was saved of it if the model exists."""
    model = plan.known.network.build(plan.options, seed=plan.seed)
    if plan.saved is not None:
        with told_apart():
            load_save(model, plan.saved.generation, model_class=plan.model_class, options=plan.options)
    elif plan.init_from is not None:
        for line in initialize_from(model, plan.init_from):
            say(line)
    return model


def chores(session: Session, plan: Plan) -> list:
    """What comes round while training."""
    previews = session.previews
    work = [session.follow_ramps, previews.write_first, EverySeconds(plan.autosave_minutes * 60, session.save)]
    if hours := plan.options["autobackup_hour"]:
        work.append(EverySeconds(hours * 3600, session.backup))
    if previews.fixed is not None:
        period = HISTORY_ITERATIONS * max(1, session.model.resolution // 64)
        work.append(EveryIterations(period, previews.write_history, lambda: session.iteration))
    return work


def summary_of(plan: Plan, iteration: int) -> str:
    known, name, stage = plan.known, plan.model_dir.name, stage_line(plan.schedule)
    options = known.in_force(plan.options)
    return summary_box(known.listed, name=name, iteration=iteration, options=options, devices=plan.devices, stage=stage)


def starting_line(session: Session) -> str:
    target = session.options["target_iter"] or session.schedule.end
    start = tr("Starting. Target iteration: {target}.", target=target) if target else tr("Starting.")
    can_press = reads_keys() or session.previews.screen
    return f"{start} {keys_in_short()}" if can_press else start
