"""What the user reads about saves that fail, work again, or cannot be made at all; and the question whether to try again."""

import errno
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from dfl_cli.errors import UserError
from dfl_cli.options.confirm import confirm_in_trouble
from dfl_cli.terminal.console import is_interactive
from dfl_cli.train.saving.saver import SaveOutcome
from dfl_cli.translate import ntr, remarked, tr
from dfl_cli.units import size_text


class SaveFailed(Exception):
    """The last save of a session failed several times.

    error      of the last attempt
    target     where it should have gone
    iteration  that would have been saved
    kept       iteration of the save that is on the disk; None without any
    """

    def __init__(self, error: OSError | MemoryError, *, target: "SaveTarget", iteration: int, kept: int | None):
        super().__init__(f"iteration {iteration}: {error}")
        self.error, self.target, self.iteration, self.kept = error, target, iteration, kept


class SaveTarget(NamedTuple):
    """Where saves go, and how many bytes each takes there."""

    folder: Path
    bytes: int


def save_lines(
    outcome: SaveOutcome, *, iteration: int, kept: int | None, target: SaveTarget, final_delay: float | None = None
) -> list[str]:
    """What there is to report about a save of `iteration`; nothing about one that went as it should.

    final_delay  at the end of a session, seconds until the next attempt; 0 after the last one, which `SaveFailed` reports
    """
    if outcome.error is not None:
        seconds = outcome.retry_seconds if final_delay is None else final_delay
        values = {
            "iteration": iteration,
            "reason": reason_of(outcome.error),
            "kept": save_name(kept),
            "seconds": round(seconds),
            "advice": advice_about(outcome.error, target),
        }
        if final_delay is None:
            return [save_failed_line(values)]
        return [final_save_failed_line(values)] if final_delay else []
    lines = [saving_works_again_line(outcome, iteration)] if outcome.failures else []
    line = optional_file_line if final_delay is None else final_file_line
    lines += [line(name, error) for name, error in outcome.result.failed_files]
    if outcome.result.backup:
        lines.append(tr("Backup written: {folder}", folder=outcome.result.backup))
    return lines


def save_failed_line(values: Mapping) -> str:
    """What failed, what stays, what is done about it, what the person can do: one line."""
    return tr(
        "Saving iteration {iteration} failed: {reason}. Latest save: {kept}. Training continues; next "
        "attempt in {seconds} s. {advice}.",
        **values,
    )


def final_save_failed_line(values: Mapping) -> str:
    """The same at the end of a session."""
    return tr(
        "Saving iteration {iteration} failed: {reason}. Latest save: {kept}. Next attempt in {seconds} s. {advice}.",
        **values,
    )


def saving_works_again_line(outcome: SaveOutcome, iteration: int) -> str:
    return ntr(
        "Saving works again after {count} failure: iteration {iteration} is saved.",
        "Saving works again after {count} failures: iteration {iteration} is saved.",
        count=outcome.failures,
        iteration=iteration,
    )


def optional_file_line(name: str, error: OSError | MemoryError) -> str:
    """About a file that training can do without."""
    if isinstance(error, MemoryError):
        return tr("Not enough memory for {name}. Training continues without it.", name=name)
    return tr("Cannot write {name}: {reason}. Training continues without it.", name=name, reason=reason_of(error))


def final_file_line(name: str, error: OSError | MemoryError) -> str:
    """The same at the end of a session."""
    return tr("Cannot write {name}: {reason}.", name=name, reason=reason_of(error))


def smaller_preview_line(count: int, *, fewer: int) -> str:
    return ntr(
        "Not enough memory for a preview of {count} face; trying {fewer}.",
        "Not enough memory for a preview of {count} faces; trying {fewer}.",
        count=count,
        fewer=fewer,
    )


def save_name(kept: int | None) -> str:
    return tr("none") if kept is None else tr("iteration {iteration}", iteration=kept)


def reason_of(error: OSError | MemoryError) -> str:
    """Why, in the person's language, with the file if there is one."""
    if isinstance(error, MemoryError):
        return tr("not enough memory for a copy of the model")
    known = {
        errno.ENOSPC: tr("the disk is full"),
        errno.EDQUOT: tr("your disk quota is used up"),
        errno.EACCES: tr("no permission"),
        errno.EPERM: tr("no permission"),
        errno.EROFS: tr("the disk is read-only"),
        errno.EIO: tr("the disk reports an error"),
        errno.ENOENT: tr("the folder is gone"),
    }
    reason = known.get(error.errno) or error.strerror or str(error)
    return remarked(reason, error.filename) if error.filename else reason


def advice_about(error: OSError | MemoryError, target: SaveTarget) -> str:
    if isinstance(error, MemoryError):
        return tr("Close other programs")
    advice = {
        errno.ENOSPC: space_advice(target),
        errno.EDQUOT: tr("Free some space"),
        errno.EACCES: tr("Make the model's folder writable"),
        errno.EPERM: tr("Make the model's folder writable"),
        errno.EROFS: tr("Make the disk writable; it may have been remounted read-only after an error"),
        errno.ENOENT: tr("Put the model folder back in place"),
    }
    return advice.get(error.errno) or tr("Check the disk and its cables")


def space_advice(target: SaveTarget) -> str:
    try:
        free = shutil.disk_usage(target.folder).free
    except OSError:  # the disk has gone
        return tr("Free some space")
    return tr(
        "Free some space: a save needs {bytes}, {free} are free", bytes=size_text(target.bytes), free=size_text(free)
    )


def explain_save_failed(failure: SaveFailed) -> UserError:
    first = 1 if failure.kept is None else failure.kept + 1
    what = ntr(
        "The last save failed. Latest save: {kept}; iteration {last} is lost.",
        "The last save failed. Latest save: {kept}; iterations {first} to {last} are lost.",
        count=failure.iteration - first + 1,
        kept=save_name(failure.kept),
        first=first,
        last=failure.iteration,
    )
    if failure.kept is not None and first > failure.iteration:
        what = tr("The last save failed. Latest save: {kept}; changed options are lost.", kept=save_name(failure.kept))
    return UserError(what, saw=reason_of(failure.error), fix=advice_about(failure.error, failure.target))


def confirm_retry(failure: SaveFailed) -> bool:
    """Ask the person at the terminal, who may have freed some space. Whatever ends the program means no."""
    return confirm_in_trouble(str(explain_save_failed(failure)), tr("Try to save again? No discards these iterations"))


def retry_last_save(save: Callable[[], None], failure: SaveFailed) -> None:
    """Call `save` again as long as a person at the terminal asks for it.

    Raises:
        UserError: nobody is there, or the person gave up.
    """
    while is_interactive() and confirm_retry(failure):
        try:
            save()
        except SaveFailed as again:
            failure = again
        else:
            return
    raise explain_save_failed(failure)
