"""The super resolution network a person names, and what is wrong with it if it cannot be used."""

from collections.abc import Mapping
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.translate import tr


def load_enhancer(answers: Mapping):
    """The network of the answer `super_resolution_model`; None without one. Raises UserError."""
    if not answers["super_resolution_model"]:
        return None
    from dfl_cli.merge.enhance.super_resolution import UnusableNetwork, open_enhancer

    path = Path(answers["super_resolution_model"])
    try:
        return open_enhancer(path, values=answers["super_resolution_range"])
    except UnusableNetwork as error:
        raise explained(error) from error
    except OSError as error:
        raise UserError(
            tr("{path} cannot be read.", path=path),
            saw=error.strerror or str(error),
            fix=tr("Check the path given with --super-resolution-model."),
        ) from error


def explained(error) -> UserError:
    """What is wrong with the network in a person's words; `error` is an UnusableNetwork."""
    other = tr("Give --super-resolution-model a network that enlarges pictures 2 or 4 times or restores faces.")
    match error.reason:
        case "missing-package":
            return UserError(
                tr("Super resolution needs the package {package}.", package="onnxruntime"),
                saw=tr("it is not installed"),
                fix='pip install "dfl[onnx]"',
            )
        case "range":
            return UserError(
                tr("It cannot be told which values {path} takes for black and white.", path=error.path),
                saw=tr("errors of a probe picture, unit, signed and bytes: {errors}", errors=error.details),
                fix=tr("Say it: --super-resolution-range unit, signed or bytes."),
            )
        case "inputs":
            return UserError(
                tr("{path} does not take one square color picture.", path=error.path), saw=error.details, fix=other
            )
        case "outputs":
            return UserError(
                tr("{path} does not give a color picture of the same shape back.", path=error.path),
                saw=error.details,
                fix=other,
            )
    return UserError(tr("{path} is no network that can be run.", path=error.path), saw=error.details, fix=other)
