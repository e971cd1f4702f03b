"""What the person is told about saves that fail, work again, or cannot be made at all."""

import errno
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from dfl_cli.errors import UserError
from dfl_cli.options.consent import agrees
from dfl_cli.train.saving.saver import Outcome
from dfl_cli.translate import ntr, tr
from dfl_cli.units import size_text


class NotSaved(Exception):
    """The last save of a session failed several times.

    error      of the last attempt
    place      where it should have gone
    iteration  that would have been saved
    kept       iteration of the save that is on the disk; None without any
    """

    def __init__(self, error: OSError | MemoryError, *, place: "Place", iteration: int, kept: int | None):
        super().__init__(f"iteration {iteration}: {error}")
        self.error, self.place, self.iteration, self.kept = error, place, iteration, kept


class Place(NamedTuple):
    """Where saves go, and how many bytes each takes there."""

    folder: Path
    bytes: int


def lines_about(
    outcome: Outcome, *, iteration: int, kept: int | None, place: Place, next_try: float | None = None
) -> list[str]:
    """What there is to say about a save of `iteration`; nothing about one that went as it should.

    next_try  at the end of a session, seconds until the next attempt; 0 after the last one, of which `NotSaved` tells
    """
    if outcome.error is not None:
        seconds = outcome.retry_seconds if next_try is None else next_try
        values = {
            "iteration": iteration,
            "reason": reason_of(outcome.error),
            "kept": named(kept),
            "seconds": round(seconds),
            "advice": advice_about(outcome.error, place),
        }
        if next_try is None:
            return [going_on_line(values)]
        return [trying_line(values)] if next_try else []
    lines = [works_again_line(outcome, iteration)] if outcome.failures else []
    lines += [spared_line(name, error) for name, error in outcome.result.spared]
    if outcome.result.backup:
        lines.append(tr("Backup written: {folder}", folder=outcome.result.backup))
    return lines


def going_on_line(values: Mapping) -> str:
    """What failed, what stays, what is done about it, what the person can do: one line."""
    return tr(
        "Saving iteration {iteration} failed: {reason}. On the disk is {kept}. Training goes on; next try in {seconds} s. {advice}.",
        **values,
    )


def trying_line(values: Mapping) -> str:
    """The same at the end of a session."""
    return tr(
        "Saving iteration {iteration} failed: {reason}. On the disk is {kept}. Next try in {seconds} s. {advice}.",
        **values,
    )


def works_again_line(outcome: Outcome, iteration: int) -> str:
    return ntr(
        "Saving works again after {count} failure: iteration {iteration} is saved.",
        "Saving works again after {count} failures: iteration {iteration} is saved.",
        count=outcome.failures,
        iteration=iteration,
    )


def spared_line(name: str, error: OSError | MemoryError) -> str:
    """About a file that training can do without."""
    if isinstance(error, MemoryError):
        return tr("Not enough memory for {name}. Training goes on without it.", name=name)
    return tr("{name} cannot be written: {reason}. Training goes on without it.", name=name, reason=reason_of(error))


def fewer_faces_line(count: int, *, fewer: int) -> str:
    return ntr(
        "Not enough memory for a preview of {count} face; trying {fewer}.",
        "Not enough memory for a preview of {count} faces; trying {fewer}.",
        count=count,
        fewer=fewer,
    )


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


def advice_about(error: OSError | MemoryError, place: Place) -> str:
    if isinstance(error, MemoryError):
        return tr("Close other programs")
    advice = {
        errno.ENOSPC: space_advice(place),
        errno.EDQUOT: tr("Free some space"),
        errno.EACCES: tr("Make the model's folder writable"),
        errno.EPERM: tr("Make the model's folder writable"),
        errno.EROFS: tr("Make the disk writable; it may have become read-only after an error"),
        errno.ENOENT: tr("Put the model's folder back where it was"),
    }
    return advice.get(error.errno) or tr("Check the disk and its cables")


def space_advice(place: Place) -> str:
    try:
        free = shutil.disk_usage(place.folder).free
    except OSError:  # the disk has gone
        return tr("Free some space")
    return tr(
        "Free some space: a save takes {bytes}, {free} are free", bytes=size_text(place.bytes), free=size_text(free)
    )


def explain_not_saved(failure: NotSaved) -> UserError:
    first = 1 if failure.kept is None else failure.kept + 1
    what = ntr(
        "The last save failed; on the disk is {kept}, iteration {last} is lost.",
        "The last save failed; on the disk is {kept}, iterations {first} to {last} are lost.",
        count=failure.iteration - first + 1,
        kept=named(failure.kept),
        first=first,
        last=failure.iteration,
    )
    if failure.kept is not None and first > failure.iteration:
        what = tr("The last save failed; on the disk is {kept}, changed options are lost.", kept=named(failure.kept))
    return UserError(what, saw=reason_of(failure.error), fix=advice_about(failure.error, failure.place))


def wants_another_try(failure: NotSaved) -> bool:
    """Ask the person at the terminal, who may have freed some space. Whatever ends the program means no."""
    return agrees(str(explain_not_saved(failure)), tr("Try again to save? No gives these iterations up"))
