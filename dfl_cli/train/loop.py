"""The training loop as a story: step, report, chores, keys, until the target, the user or a signal ends it."""

from collections.abc import Callable, Sequence

from dfl_cli.terminal.console import say
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.train.guard.rollback import GaveUp
from dfl_cli.train.key_table import press
from dfl_cli.train.session import Session
from dfl_cli.translate import ntr
from models.engine.out_of_memory import OutOfMemory


def train(session: Session, chores: Sequence[Callable[[], None]], keys, interrupt: Interrupt) -> None:
    """Train until the target, the end of the stage, or until somebody stops it, and keep the work either way.

    Args:
        chores: called after every iteration.
        keys: `.pressed()` -> name of a key or None.
    """
    try:
        while not (session.done or session.stopped or interrupt.signal):
            session.step()
            if session.iteration == 1:
                session.save()  # a new model exists on the disk from its first iteration on
            for chore in chores:
                chore()
            while key := keys.pressed():
                press(key, session)
    except GaveUp:
        session.finish_saving()  # what is in memory is worse than what is on the disk
        raise
    except Exception as error:
        if not isinstance(error, OutOfMemory) or error.intact:
            session.rescue()
        raise
    finally:
        session.report.settle()
    if session.at_target:
        say(
            ntr(
                "Reached the target of {count} iteration.",
                "Reached the target of {count} iterations.",
                count=session.iteration,
            )
        )
    session.save_for_good()
