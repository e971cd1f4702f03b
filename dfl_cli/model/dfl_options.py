"""A model's options as DeepFaceLab keeps them, and as ours (spec models.md 5.4)."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dfl_cli.classes.registry import CLASSES
from dfl_cli.errors import UserError
from dfl_cli.model.dfl_folder import printable
from dfl_cli.options.kinds import Integer
from dfl_cli.options.option import Ask, Option
from dfl_cli.translate import tr
from models.reuse import GAN_STRUCTURE

WIDEST = 2**16  # of any side or number of channels; a network that large could not be stored in one file


def options_from_dfl(model_class: str, stored: Mapping[str, object]) -> tuple[dict[str, Any], list[str]]:
    """Every option of the class in plain Python types, and a line for each value that had to be changed.

    What the weights depend on is taken as it is, whatever the limits of the questions; other values are brought within
    them. Missing options get their defaults, unknown ones are dropped.

    Raises:
        UserError: a value that the option cannot have.
    """
    options: dict[str, Any] = {}
    changes: list[str] = []
    for option in CLASSES[model_class].table:
        raw = plain(option, stored.get(option.key))
        if raw is None:
            options[option.key] = option.kind.clamp_to_limits(option.default_for(options), options)[0]
            continue
        value = read(option, raw)
        if fixed_by_weights(option):
            check_size(option, value)
        else:
            value, said = option.kind.clamp_to_limits(value, options)
            changes += [f"{option.key}: {line}" for line in said]
        options[option.key] = value
    return CLASSES[model_class].with_fixed(options), changes


def options_for_dfl(model_class: str, options: Mapping) -> dict[str, Any]:
    """All options that DeepFaceLab knows, in Python's own types."""
    keys = [option.key for option in CLASSES[model_class].table if option.in_dfl]
    return {key: options[key] for key in keys if key in options}


def fixed_by_weights(option: Option) -> bool:
    return option.ask is Ask.NEW_MODEL or option.key in GAN_STRUCTURE


def plain(option: Option, value: object) -> Any:
    """A number or text in Python's own type. Raises UserError for anything else."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise unusable(option, type(value).__name__)


def read(option: Option, raw: Any) -> Any:
    """`raw` as a value of the option, limits not applied; lr_dropout was once a yes or no."""
    try:
        return option.kind.read(raw)
    except (ValueError, TypeError, OverflowError):
        raise unusable(option, raw) from None


def check_size(option: Option, value: Any) -> None:
    if isinstance(option.kind, Integer) and not 0 < value <= WIDEST:
        raise unusable(option, value)


def unusable(option: Option, found: object) -> UserError:
    text = str(found) if not isinstance(found, int) or abs(found) < 10**30 else tr("a number of many digits")
    return UserError(
        tr("The option {key} of the DeepFaceLab model is not supported.", key=option.key),
        saw=f"{option.key} {printable(text)}",
        fix=tr("The model may be too old or damaged. Try another backup of it."),
    )
