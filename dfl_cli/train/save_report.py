"""What the person is told about saves that fail, work again, or cannot be made at all."""

import errno
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.train.consent import agrees
from dfl_cli.train.saver import Outcome
from dfl_cli.translate import tr


class NotSaved(Exception):
    """The last save of a session failed several times.

    error      of the last attempt
    iteration  that would have been saved
    kept       iteration of the save that is on the disk; None without any
    """

    def __init__(self, error: OSError | MemoryError, *, folder: Path, iteration: int, kept: int | None):
        super().__init__(f"iteration {iteration}: {error}")
        self.error, self.folder, self.iteration, self.kept = error, folder, iteration, kept


def lines_about(outcome: Outcome, *, iteration: int, kept: int | None) -> list[str]:
    """What there is to say about a save of `iteration`; nothing about one that went as it should."""
    if outcome.error is not None:
        return [failed_line(outcome, iteration=iteration, kept=kept)]
    lines = [works_again_line(outcome, iteration)] if outcome.failures else []
    lines += [spared_line(name, error) for name, error in outcome.result.spared]
    if outcome.result.backup:
        lines.append(tr("Backup written: {folder}", folder=outcome.result.backup))
    return lines


def failed_line(outcome: Outcome, *, iteration: int, kept: int | None) -> str:
    """What failed, what stays, what is done about it, what the person can do: one line."""
    return tr(
        "Saving iteration {iteration} failed: {reason}. On the disk is {kept}. Training goes on; next try in {seconds} s. {advice}.",
        iteration=iteration,
        reason=reason_of(outcome.error),
        kept=named(kept),
        seconds=round(outcome.retry_seconds),
        advice=advice_about(outcome.error),
    )


def works_again_line(outcome: Outcome, iteration: int) -> str:
    line = "Saving works again after {count} failures: iteration {iteration} is saved."
    return tr(line, count=outcome.failures, iteration=iteration)


def spared_line(name: str, error: OSError | MemoryError) -> str:
    """About a file that training can do without."""
    if isinstance(error, MemoryError):
        return tr("Not enough memory for {name}. Training goes on without it.", name=name)
    return tr("{name} cannot be written: {reason}. Training goes on without it.", name=name, reason=reason_of(error))


def fewer_faces_line(count: int, *, fewer: int) -> str:
    return tr("Not enough memory for a preview of {count} faces; trying {fewer}.", count=count, fewer=fewer)


def named(kept: int | None) -> str:
    return tr("no save") if kept is None else tr("the save of iteration {iteration}", iteration=kept)


def reason_of(error: OSError | MemoryError) -> str:
    """Why, in the person's language, with the file if there is one."""
    if isinstance(error, MemoryError):
        return tr("not enough memory for a copy of the model")
    known = {
        errno.ENOSPC: tr("the disk is full"),
        errno.EDQUOT: tr("your share of the disk is used up"),
        errno.EACCES: tr("no permission"),
        errno.EPERM: tr("no permission"),
        errno.EROFS: tr("the disk is read-only"),
        errno.EIO: tr("the disk reports an error"),
        errno.ENOENT: tr("the folder has gone"),
    }
    reason = known.get(error.errno) or error.strerror or str(error)
    return f"{reason} ({error.filename})" if error.filename else reason


def advice_about(error: OSError | MemoryError) -> str:
    if isinstance(error, MemoryError):
        return tr("Close other programs")
    advice = {
        errno.ENOSPC: tr("Free some space"),
        errno.EDQUOT: tr("Free some space"),
        errno.EACCES: tr("Make the model's folder writable"),
        errno.EPERM: tr("Make the model's folder writable"),
        errno.EROFS: tr("Make the disk writable; it may have become read-only after an error"),
        errno.ENOENT: tr("Put the model's folder back where it was"),
    }
    return advice.get(error.errno) or tr("Check the disk and its cables")


def explain_not_saved(failure: NotSaved) -> UserError:
    first = 1 if failure.kept is None else failure.kept + 1
    what = tr(
        "The last save failed; on the disk is {kept}, iterations {first} to {last} are lost.",
        kept=named(failure.kept),
        first=first,
        last=failure.iteration,
    )
    if failure.kept is not None and first > failure.iteration:
        what = tr("The last save failed; on the disk is {kept}, changed options are lost.", kept=named(failure.kept))
    return UserError(what, saw=reason_of(failure.error), fix=advice_about(failure.error))


def wants_another_try(failure: NotSaved) -> bool:
    """Ask the person at the terminal, who may have freed some space. Whatever ends the program means no."""
    return agrees(str(explain_not_saved(failure)), tr("Try again to save? No gives these iterations up"))
