"""Tensors that do not fit, in words: which one, its size, what was expected."""

import math
from contextlib import contextmanager
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.model.dfl_folder import backups_folder
from dfl_cli.translate import listed, ntr, tr

MAX_NAMES = 3  # missing tensors that are listed


@contextmanager
def as_user_error(path: Path, fix: str | None = None):
    """Turns what the functions of `models.exchange.dfl_checkpoint` raise about the file at `path` into a UserError.

    Args:
        fix: what to do; None: what helps with a file of DeepFaceLab.
    """
    from models.exchange.dfl_checkpoint import NotAWeight
    from models.weights import MissingWeights, WeightMismatch

    try:
        yield
    except (WeightMismatch, MissingWeights, NotAWeight) as error:
        raise UserError(
            what_is_wrong(error, path.name),
            saw=what_was_seen(error),
            fix=fix
            or tr(
                "The file is damaged or belongs to another model. Restore it from a backup, such as {folder}.",
                folder=backups_folder(path),
            ),
        ) from error


def what_is_wrong(error: Exception, file: str) -> str:
    if hasattr(error, "names"):
        return tr("{file} lacks tensors that the model needs.", file=file)
    return tr("The tensor {name} in {file} does not match the model.", name=error.name, file=file)


def what_was_seen(error: Exception) -> str:
    if hasattr(error, "names"):
        more = len(error.names) - MAX_NAMES
        return listed(error.names[:MAX_NAMES]) + (tr(" and {count} more", count=more) if more > 0 else "")
    if hasattr(error, "expected_shape"):
        return sizes(error.found_shape, error.expected_shape)
    if error.found == "nan":
        return tr("values that are not finite")
    return tr("{found} instead of floating-point numbers", found=error.found)


def sizes(found: tuple, expected: tuple) -> str:
    return tr(
        "{found_shape}, {found}; expected {expected_shape}, {expected}",
        found_shape=found,
        found=ntr("{count} value", "{count} values", count=math.prod(found)),
        expected_shape=expected,
        expected=ntr("{count} value", "{count} values", count=math.prod(expected)),
    )
