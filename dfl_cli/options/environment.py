"""Flags given as environment variables: `--batch-size 8` as DFL_BATCH_SIZE=8. A flag on the command line wins."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from dfl_cli.errors import UserError
from dfl_cli.options.given import OPTION_PREFIX, Given
from dfl_cli.options.kinds import YesNo
from dfl_cli.translate import listed, tr

MUTUALLY_EXCLUSIVE = {"cpu": "gpus", "gpus": "cpu"}  # a flag of one of them silences the other's variable


def environment_help() -> str:
    return tr(
        "Each flag of dfl train and dfl merge can also come from the environment: --batch-size 8 as DFL_BATCH_SIZE=8, "
        "--silent-start as DFL_SILENT_START=1. A flag wins over the environment, the environment over an answers file."
    )


def variable(flag: str) -> str:
    """`--batch-size` -> `DFL_BATCH_SIZE`."""
    return "DFL_" + flag.lstrip("-").replace("-", "_").upper()


def apply_environment(
    parser: argparse.ArgumentParser, arguments: Sequence[str], environment: Mapping[str, str]
) -> None:
    """Let the variables be what the parser's flags are when `arguments` do not give them; empty ones count as absent.

    Raises:
        UserError: a variable holds what its flag would not take.
    """
    typed = {word.partition("=")[0] for word in arguments}
    actions = [action for action in parser._actions if action.option_strings and action.dest != "help"]
    flags = {action.dest: set(action.option_strings) for action in actions}
    for action in actions:
        for flag in action.option_strings:
            text = environment.get(variable(flag), "")
            if text and not flags.get(MUTUALLY_EXCLUSIVE.get(action.dest), set()) & typed:
                set_default(parser, action, Given(text, variable(flag)))


def set_default(parser: argparse.ArgumentParser, action: argparse.Action, given: Given) -> None:
    if action.dest.startswith(OPTION_PREFIX):
        parser.set_defaults(**{action.dest: given})  # the option itself reads it later, as it reads a flag
    elif action.nargs != 0:
        parser.set_defaults(**{action.dest: converted(action, given)})
    elif switched_on(given):
        parser.set_defaults(**{action.dest: action.const})


def switched_on(given: Given) -> bool:
    """A flag without a value: y or n, 1 or 0 and their like."""
    try:
        return YesNo().read(given.raw)
    except ValueError:
        raise unusable(given, tr("Use {accepted}.", accepted=YesNo().accepted())) from None


def converted(action: argparse.Action, given: Given) -> Any:
    """The value as argparse would make it of a flag's text."""
    try:
        value = action.type(given.raw) if action.type else given.raw
    except argparse.ArgumentTypeError as error:
        raise unusable(given, str(error)) from None
    except ValueError:
        raise unusable(given, tr("Use {accepted}.", accepted=tr("a number"))) from None
    if action.choices is not None and value not in action.choices:
        choices = listed(str(choice) for choice in action.choices)
        raise unusable(given, tr("Use {accepted}.", accepted=tr("one of {choices}", choices=choices)))
    return value


def unusable(given: Given, fix: str) -> UserError:
    return UserError(
        tr("The environment variable {name} has an invalid value.", name=given.source),
        saw=f"{given.source}={given.raw}",
        fix=fix,
    )
