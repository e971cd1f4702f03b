"""What went wrong, for a person: what, what was seen, what to do.

Libraries raise exceptions that carry facts; the table ADVICE says in the person's language what each of them means.
"""

import errno
from collections.abc import Callable

from dfl_cli.opencv_import import is_opencvs, opencv_advice
from dfl_cli.translate import ntr, tr


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
    if error.errno in (errno.EROFS, errno.ENOTDIR, errno.EEXIST):
        return UserError(
            tr("{path} cannot be used.", path=error.filename),
            saw=str(error.strerror),
            fix=tr("choose a folder you may write to, or change the permissions"),
        )
    if error.errno != errno.ENOSPC:
        return None
    return UserError(
        tr("The disk is full."),
        saw=str(error.filename or error.strerror),
        fix=tr("free some space and start again; the last complete save is still there"),
    )


def missing_library(error: ImportError) -> UserError | None:
    """None where the missing module is our own: nobody foresaw that."""
    if is_opencvs(error):
        return UserError(tr("OpenCV cannot be loaded."), saw=str(error), fix=opencv_advice(str(error)))
    name = (error.name or "dfl").partition(".")[0]
    if name in ("dfl_cli", "models", "samplers", "dfl"):
        return None
    return UserError(
        tr("The library {name} cannot be loaded.", name=name),
        saw=str(error),
        fix=tr("install dfl again: pip install --upgrade dfl; dfl doctor says what is missing"),
    )


def missing_function(error: AttributeError) -> UserError | None:
    """Of OpenCV; in our own code nobody foresaw that."""
    if not is_opencvs(error):
        return None
    return UserError(tr("OpenCV is incomplete or too old."), saw=str(error), fix=opencv_advice(str(error)))


def weights_do_not_fit(error) -> UserError:
    return UserError(
        tr("The saved weights do not fit the model."),
        saw=tr(
            "{name} is {found}, expected {expected}",
            name=error.name,
            found=error.found_shape,
            expected=error.expected_shape,
        ),
        fix=tr("restore a backup with dfl model restore; nothing was changed"),
    )


def weights_missing(error) -> UserError:
    return UserError(
        tr("Weights are missing from the save."),
        saw=", ".join(error.names[:3]),
        fix=tr("restore a backup with dfl model restore; nothing was changed"),
    )


def weights_damaged(error) -> UserError:
    return UserError(
        tr("A file of the model cannot be read."),
        saw=f"{error.path}: {error.reason}",
        fix=tr("restore a backup with dfl model restore; nothing was changed"),
    )


def no_readable_faces(error) -> UserError:
    return UserError(
        tr("Not one face of the set can be read any more."),
        saw=ntr("{count} picture failed", "{count} pictures failed", count=len(error.skipped)),
        fix=tr("check that the folder is still there, then start again; the last save is kept"),
    )


def no_such_device(error) -> UserError:
    return UserError(
        tr("TensorFlow sees no GPU with the number {index}.", index=error.index),
        saw=ntr("{count} GPU", "{count} GPUs", count=error.count),
        fix=tr('install TensorFlow with GPU support: pip install "dfl[gpu]", or train on the processor with --cpu'),
    )


def out_of_memory(error) -> UserError:
    return UserError(
        tr("The memory of the device is not enough for this model."),
        saw=str(error).partition("\n")[0][:200],
        fix=tr("start again with a lower --batch-size; for a new model, lower dims or resolution also help"),
    )


def model_in_use(error) -> UserError:
    owner, file = error.owner, error.folder / "lock"
    if owner is None:
        saw, fix = str(file), tr("wait until the other program has ended, then start again")
    else:
        since = owner.since.replace("T", " ")
        saw = tr("process {pid} on {host}, since {since}", pid=owner.pid, host=owner.host, since=since)
        if owner.is_here:
            fix = tr(
                "end process {pid} or wait for it, then start again; or train a model of another name", pid=owner.pid
            )
        else:
            fix = tr(
                "if nothing on {host} uses it any more, delete {file}, or train with --take-over",
                host=owner.host,
                file=file,
            )
    return UserError(tr("The model {name} is in use.", name=error.folder.name), saw=saw, fix=fix)


def signing_failed(error) -> UserError:
    return UserError(
        tr("A result could not be signed."),
        saw=str(error),
        fix=tr("check that the certificate of --sign is still valid; what is written already stays"),
    )


# By name, so that explaining an error loads none of the libraries that raise it.
ADVICE: dict[str, Callable[[BaseException], UserError | None]] = {
    "builtins.PermissionError": no_permission,
    "builtins.OSError": disk_trouble,
    "builtins.MemoryError": out_of_memory,
    "builtins.ImportError": missing_library,
    "builtins.AttributeError": missing_function,
    "dfl_cli.store.lock.ModelInUse": model_in_use,
    "dfl_cli.provenance.signature.SigningFailed": signing_failed,
    "models.engine.runtime.NoSuchDevice": no_such_device,
    "models.weights.WeightMismatch": weights_do_not_fit,
    "models.weights.MissingWeights": weights_missing,
    "models.weights.DamagedWeights": weights_damaged,
    "samplers.face_source.NoReadableFaces": no_readable_faces,
    "tensorflow.python.framework.errors_impl.ResourceExhaustedError": out_of_memory,
}
