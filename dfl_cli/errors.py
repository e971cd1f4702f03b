"""What went wrong, for a person: what, what was seen, what to do.

Libraries raise exceptions that carry facts; the table ADVICE says in the person's language what each of them means.
"""

import errno
from collections.abc import Callable

from dfl_cli.translate import tr


class UserError(Exception):
    """A problem the person can solve; ends the program with exit code 1 and without a traceback."""

    def __init__(self, what: str, *, saw: str = "", fix: str):
        super().__init__(what)
        self.what, self.saw, self.fix = what, saw, fix

    def __str__(self) -> str:
        saw = tr("  saw: {saw}", saw=self.saw) if self.saw else ""
        return "\n".join(line for line in (self.what, saw, tr("  fix: {fix}", fix=self.fix)) if line)


def explain(error: BaseException) -> UserError | None:
    """The advice for `error`, found by its class or the nearest base class; None for an error nobody foresaw."""
    if isinstance(error, UserError):
        return error
    for kind in type(error).__mro__:
        advise = ADVICE.get(f"{kind.__module__}.{kind.__qualname__}")
        if advise is not None:
            return advise(error)
    return None


def no_permission(error: PermissionError) -> UserError:
    return UserError(
        tr("No permission for {path}.", path=error.filename),
        saw=str(error.strerror),
        fix=tr("choose a folder you may write to, or change the permissions"),
    )


def disk_trouble(error: OSError) -> UserError | None:
    if error.errno != errno.ENOSPC:
        return None
    return UserError(
        tr("The disk is full."),
        saw=str(error.filename or error.strerror),
        fix=tr("free some space and start again; the last complete save is still there"),
    )


# By name, so that explaining an error loads none of the libraries that raise it.
ADVICE: dict[str, Callable[[BaseException], UserError | None]] = {
    "builtins.PermissionError": no_permission,
    "builtins.OSError": disk_trouble,
}
