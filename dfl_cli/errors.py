"""What went wrong, for a person: what, what was seen, what to do.

Libraries raise exceptions that carry facts; the table ADVICE says in the person's language what each of them means.
"""

import errno
import os
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from dfl_cli.opencv_import import is_opencvs, opencv_advice
from dfl_cli.translate import Lines, labeled, listed, ntr, system_reason, tr
from samplers.files.atomic_file import is_dangling_link
from samplers.files.names import printable_lines

NO_ROOM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))  # EDQUOT: what one person may use of it
DISK_GONE = tuple(
    getattr(errno, name)
    for name in ("EIO", "ESTALE", "ENOTCONN", "EREMOTEIO", "ENODEV", "ENXIO", "EHOSTDOWN", "ETIMEDOUT", "ESHUTDOWN")
    if hasattr(errno, name)
)


class UserError(Exception):
    """A problem the person can solve; ends the program with exit code 1 and without a traceback."""

    def __init__(self, what: str, *, saw: str = "", fix: str):
        super().__init__(what)
        self.what, self.saw, self.fix = what, saw, fix

    def __str__(self) -> str:
        saw = tr("  saw: {saw}", saw=self.saw) if self.saw else ""
        return "\n".join(line for line in (self.what, saw, tr("  fix: {fix}", fix=Lines(self.fix))) if line)


def explain(error: BaseException) -> UserError | None:
    """The advice for `error`, found by its class or the nearest base class; None for an error nobody foresaw."""
    if isinstance(error, UserError):
        return error
    for kind in type(error).__mro__:
        advise = ADVICE.get(f"{kind.__module__}.{kind.__qualname__}")
        if advise is not None:
            return advise(error)
    return None


def explained(error: BaseException) -> UserError:
    """The advice for `error`; for an unexpected one its name, and the file with its traceback."""
    return explain(error) or UserError(
        tr("Unexpected error: {name}.", name=type(error).__name__),
        saw=str(error),
        fix=details_fix(error),
    )


def explain_in_a_line(error: BaseException) -> str:
    """What is wrong, in a list of single pictures; for an unexpected error what it says itself."""
    advice = explain(error)
    if advice is not None:
        what = " ".join(advice.what.splitlines())
        # Translators: an error in a list: what happened, and what was seen.
        return tr("{what}: {saw}", what=what.rstrip(".。"), saw=advice.saw) if advice.saw else what
    said = str(error).strip().partition("\n")[0][:200]
    return tr("unexpected error: {reason}", reason=said or type(error).__name__)


def details_fix(error: BaseException) -> str:
    """What to do about an unexpected error; its traceback is written to a file, or beside the message if none can be written."""
    try:
        return tr("Details are in {path}. Please report them.", path=write_traceback(error))
    except OSError as full:
        return tr("Please report these details, which cannot be written to a file ({reason}).", reason=full) + (
            "\n" + printable_lines("".join(traceback.format_exception(error, limit=-3)))
        )


def write_traceback(error: BaseException) -> Path:
    text = printable_lines("".join(traceback.format_exception(error)))
    with tempfile.NamedTemporaryFile(
        "w", prefix="dfl-error-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
    ) as file:
        file.write(text)
    return Path(file.name)


def not_a_regular_file(error) -> UserError:
    return UserError(
        tr("Cannot read {path}.", path=error.filename),
        saw=system_reason(error),
        fix=tr("Remove it, or replace it with a file."),
    )


def file_too_large(error) -> UserError:
    return UserError(
        tr("Cannot read {path}.", path=error.filename),
        saw=tr("{size} bytes, at most {limit} are read", size=error.size, limit=error.limit),
        fix=tr("Check whether it is the right file. If it is damaged, copy it again."),
    )


def no_permission(error: PermissionError) -> UserError:
    return UserError(
        tr("No permission for {path}.", path=error.filename),
        saw=system_reason(error),
        fix=tr("Choose a writable folder, or change the permissions."),
    )


def dangling_link(error) -> UserError:
    return UserError(
        tr("{path} is a link whose target is missing. It was not replaced.", path=error.filename),
        saw=str(Path(error.filename).readlink()),
        fix=tr("Connect the disk it points to, or delete the link if you do not need it."),
    )


def leads_nowhere(path: object) -> bool:
    try:
        return isinstance(path, (str, bytes, Path)) and is_dangling_link(Path(os.fsdecode(path)))
    except OSError:
        return False


def disk_trouble(error: OSError) -> UserError | None:
    if error.errno in (errno.EEXIST, errno.ENOENT) and leads_nowhere(error.filename):  # something was to be made there
        return dangling_link(error)
    if error.errno in (
        errno.EROFS,
        errno.ENOTDIR,
        errno.EEXIST,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENOTEMPTY,
        errno.EBUSY,
    ):
        return UserError(
            tr("Cannot access {path}.", path=error.filename),
            saw=system_reason(error),
            fix=tr("Choose a writable folder, or change the permissions."),
        )
    if error.errno in NO_ROOM:
        return UserError(
            tr("The disk is full."),
            saw=str(error.filename or system_reason(error)),
            fix=tr("Free some space and start again. The last complete save is intact."),
        )
    if error.errno == errno.EFBIG:
        return UserError(
            tr("A file would become too large for this disk."),
            saw=str(error.filename or system_reason(error)),
            fix=tr(
                "Use another disk: FAT32, for example, holds files of at most 4 GB. What was there before is intact."
            ),
        )
    if error.errno in DISK_GONE:
        return UserError(
            tr("A disk or network drive does not answer properly."),
            saw=": ".join(filter(None, (error.filename and str(error.filename), system_reason(error)))),
            fix=tr("Check its cable or connection, and whether the disk is failing, then start again."),
        )
    if error.errno == errno.ENAMETOOLONG:
        return UserError(tr("A file name is too long."), saw=str(error.filename), fix=tr("Use a shorter name."))
    return None


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
        fix=tr("Reinstall dfl: pip install --upgrade dfl-trainer. dfl doctor shows what is missing."),
    )


def missing_function(error: AttributeError) -> UserError | None:
    """Of OpenCV; in our own code nobody foresaw that."""
    if not is_opencvs(error):
        return None
    return UserError(tr("OpenCV is incomplete or too old."), saw=str(error), fix=opencv_advice(str(error)))


def weights_do_not_fit(error) -> UserError:
    return UserError(
        tr("The saved weights do not match the model."),
        saw=tr(
            "{name} is {found}, expected {expected}",
            name=error.name,
            found=error.found_shape,
            expected=error.expected_shape,
        ),
        fix=tr("Restore a backup with dfl model restore. Nothing was changed."),
    )


def weights_missing(error) -> UserError:
    return UserError(
        tr("Weights are missing from the save."),
        saw=listed(error.names[:3]),
        fix=tr("Restore a backup with dfl model restore. Nothing was changed."),
    )


def weights_damaged(error) -> UserError:
    return UserError(
        tr("A model file cannot be read."),
        saw=labeled(error.path, error.reason),
        fix=tr("Restore a backup with dfl model restore. Nothing was changed."),
    )


def structure_impossible(error) -> UserError:
    return UserError(
        tr("A network with these options cannot be built."),
        saw=str(error),
        fix=tr("Restore a backup with dfl model restore. Nothing was changed."),
    )


def no_readable_faces(error) -> UserError:
    from samplers.files.reason import Fault

    if {one.reason.fault for one in error.skipped} == {Fault.DAMAGED_MASK}:
        return UserError(
            tr("None of the faces can be used."),
            saw=ntr("{count} damaged XSeg mask", "{count} damaged XSeg masks", count=len(error.skipped)),
            fix=tr("Apply the XSeg masks again, or remove them."),
        )
    return UserError(
        tr("None of the faces can be read anymore."),
        saw=ntr("{count} image failed", "{count} images failed", count=len(error.skipped)),
        fix=tr("Check that the folder still exists, then start again. The last save is intact."),
    )


def no_such_device(error) -> UserError:
    return UserError(
        tr("TensorFlow sees no GPU with the number {index}.", index=error.index),
        saw=ntr("{count} GPU", "{count} GPUs", count=error.count),
        fix=tr('Install TensorFlow with GPU support (pip install "dfl-trainer[gpu]"), or train on the CPU with --cpu.'),
    )


def out_of_memory(error) -> UserError:
    return UserError(
        tr("Not enough device memory for this model."),
        saw=str(error).partition("\n")[0][:200],
        fix=tr(
            "Start again with a smaller --batch-size. For a new model, smaller dims or a lower resolution also help."
        ),
    )


def out_of_host_memory(error: MemoryError) -> UserError:
    """Of the computer, outside training: a file or its images need more than there is."""
    return UserError(
        tr("Not enough memory (RAM) on this computer."),
        saw=str(error).partition("\n")[0][:200],
        fix=tr("Close other programs and start again. If one file is unusually large, remove it."),
    )


def in_use(error) -> UserError:
    """A model, folder or file that another process writes."""
    is_model, owner = type(error).__name__ == "ModelInUse", error.owner
    if owner is None:
        saw, fix = str(error.file), tr("Wait for the other process to finish, then start again.")
    else:
        since = owner.since.replace("T", " ")
        saw = tr("process {pid} on {host}, since {since}", pid=owner.pid, host=owner.host, since=since)
        fix = in_use_here(owner, is_model) if owner.is_here else in_use_elsewhere(error, is_model)
    if is_model:
        return UserError(tr("The model {name} is in use.", name=error.target.name), saw=saw, fix=fix)
    return UserError(tr("Another process is writing to {path}.", path=error.target), saw=saw, fix=fix)


def in_use_here(owner, is_model: bool) -> str:
    if is_model:
        return tr(
            "Stop process {pid} or wait for it to finish, then start again; or train a model under another name.",
            pid=owner.pid,
        )
    return tr("Stop process {pid} or wait for it to finish, then start again.", pid=owner.pid)


def in_use_elsewhere(error, is_model: bool) -> str:
    host, file = error.owner.host, error.file
    if is_model:
        return tr(
            "If nothing on {host} uses it anymore, delete {file} or train with --take-over.", host=host, file=file
        )
    return tr("If nothing on {host} uses it anymore, delete {file}.", host=host, file=file)


def lock_lost(error) -> UserError:
    moved = tr("now at {path}", path=error.moved_to) if error.moved_to else ""
    return UserError(
        tr("The folder {path} was renamed, deleted or replaced while it was in use.", path=error.target),
        saw=moved or tr("Nothing was written to what is there now."),
        fix=tr("Stop the training before you move its model."),
    )


def unusable_landmarks(error) -> UserError:
    return UserError(
        tr("Nothing can be cut around the landmarks of this face."),
        saw=tr(error.fact),
        fix=tr("Extract the faces of this frame again, or delete this face."),
    )


def signing_failed(error) -> UserError:
    return UserError(
        tr("A result could not be signed."),
        saw=str(error),
        fix=tr("Check that the certificate given with --sign is still valid. Results already written are kept."),
    )


def unusable_network(error) -> UserError:
    """What is wrong with the network in a person's words; of enhancement."""
    other = tr("Use a network that upscales images 2 or 4 times or restores faces.")
    match error.reason:
        case "missing-package":
            return UserError(
                tr("Super resolution requires the {package} package.", package="onnxruntime"),
                saw=tr("Not installed."),
                fix='pip install "dfl-trainer[onnx]"',
            )
        case "range":
            return UserError(
                tr("Cannot detect the value range of {path}.", path=error.path),
                saw=tr("Errors with a test image for unit, signed and bytes: {errors}", errors=error.details),
                fix=tr("Set --super-resolution-range to unit, signed or bytes."),
            )
        case "inputs" | "outputs":
            inputs = tr("{path} does not take a single square color image.", path=error.path)
            outputs = tr("{path} does not return a color image of matching shape.", path=error.path)
            return UserError(inputs if error.reason == "inputs" else outputs, saw=error.details, fix=other)
        case "endless" | "endless-loop":
            first = tr("{path} gave no result for a single test image.", path=error.path)
            what = first if error.reason == "endless" else tr("{path} gave no result for a face.", path=error.path)
            return UserError(what, saw=tr("Stopped after {seconds} seconds.", seconds=error.details), fix=other)
    return UserError(tr("{path} is not a network that can be run.", path=error.path), saw=error.details, fix=other)


def damaged_network(error) -> UserError:
    return UserError(
        tr("A network that belongs to dfl is missing or damaged."),
        saw=str(error.path),
        fix=tr("Reinstall dfl: pip install --force-reinstall dfl-trainer"),
    )


def unknown_encoding(error) -> UserError:
    return UserError(
        tr("{path} is not UTF-8, and its encoding cannot be detected.", path=error.path),
        saw=tr("line {line}, read as {encoding}: {text}", line=error.line, encoding=error.encoding, text=error.shown),
        fix=tr("Save the file as UTF-8 in your editor (Notepad: Save As, Encoding: UTF-8), then start again."),
    )


# By name, so that explaining an error loads none of the libraries that raise it.
ADVICE: dict[str, Callable[[BaseException], UserError | None]] = {
    "builtins.PermissionError": no_permission,
    "builtins.OSError": disk_trouble,
    "builtins.MemoryError": out_of_host_memory,
    "builtins.ImportError": missing_library,
    "builtins.AttributeError": missing_function,
    "samplers.files.atomic_file.DanglingLink": dangling_link,
    "dfl_cli.store.lock.InUse": in_use,
    "dfl_cli.store.lock.LockLost": lock_lost,
    "dfl_cli.enhance.trial.UnusableNetwork": unusable_network,
    "dfl_cli.provenance.signature.SigningFailed": signing_failed,
    "dfl_cli.text_files.encoding.UnknownEncoding": unknown_encoding,
    "models.engine.out_of_memory.OutOfMemory": out_of_memory,
    "models.engine.runtime.NoSuchDevice": no_such_device,
    "models.installed_file.DamagedNetwork": damaged_network,
    "models.spec.BadArchi": structure_impossible,
    "models.spec.BadResolution": structure_impossible,
    "models.weights.WeightMismatch": weights_do_not_fit,
    "models.weights.MissingWeights": weights_missing,
    "models.weights.DamagedWeights": weights_damaged,
    "samplers.face_source.NoReadableFaces": no_readable_faces,
    "samplers.files.regular_file.FileTooLarge": file_too_large,
    "samplers.files.regular_file.SpecialFile": not_a_regular_file,
    "samplers.geometry.align.FlatLandmarks": unusable_landmarks,
    "samplers.geometry.landmarks.WrongLandmarks": unusable_landmarks,
    "tensorflow.python.framework.errors_impl.ResourceExhaustedError": out_of_memory,
}
