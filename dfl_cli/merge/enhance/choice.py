"""The super resolution network a person names, and what is wrong with it if it cannot be used."""

from collections.abc import Mapping
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.translate import system_reason, tr


def load_enhancer(answers: Mapping):
    """The network of the answer `super_resolution_model`; None without one. Raises UserError."""
    if not answers["super_resolution_model"]:
        return None
    from dfl_cli.merge.enhance.super_resolution import open_enhancer
    from dfl_cli.merge.enhance.trial import UnusableNetwork

    path = Path(answers["super_resolution_model"])
    try:
        return open_enhancer(path, values=answers["super_resolution_range"])
    except UnusableNetwork as error:
        raise explain_unusable(error) from error
    except OSError as error:
        raise UserError(
            tr("Cannot read {path}.", path=path),
            saw=system_reason(error),
            fix=tr("Check the path given with --super-resolution-model."),
        ) from error


def explain_unusable(error) -> UserError:
    """What is wrong with the network in a person's words; `error` is an UnusableNetwork."""
    other = tr("Use --super-resolution-model with a network that upscales images 2 or 4 times or restores faces.")
    match error.reason:
        case "missing-package":
            return UserError(
                tr("Super resolution requires the {package} package.", package="onnxruntime"),
                saw=tr("Not installed."),
                fix='pip install "dfl[onnx]"',
            )
        case "range":
            return UserError(
                tr("Cannot detect the value range of {path}.", path=error.path),
                saw=tr("Errors with a test image for unit, signed and bytes: {errors}", errors=error.details),
                fix=tr("Set --super-resolution-range to unit, signed or bytes."),
            )
        case "inputs":
            return UserError(
                tr("{path} does not take a single square color image.", path=error.path), saw=error.details, fix=other
            )
        case "outputs":
            return UserError(
                tr("{path} does not return a color image of matching shape.", path=error.path),
                saw=error.details,
                fix=other,
            )
        case "endless":
            return UserError(
                tr("{path} gave no result for a single test image.", path=error.path),
                saw=tr("Stopped after {seconds} seconds.", seconds=error.details),
                fix=other,
            )
        case "endless-loop":
            return UserError(
                tr("{path} gave no result for a face.", path=error.path),
                saw=tr("Stopped after {seconds} seconds.", seconds=error.details),
                fix=other,
            )
    return UserError(tr("{path} is not a network that can be run.", path=error.path), saw=error.details, fix=other)
