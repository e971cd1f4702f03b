"""Answers that came by flag or from a file, with where each came from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dfl_cli.errors import UserError
from dfl_cli.options.option import Option, Unacceptable, read, resolve
from dfl_cli.options.suggestions import did_you_mean, nearest
from dfl_cli.translate import labeled, tr

OPTION_PREFIX = "option_"  # of an option's flag among the parsed arguments


@dataclass(frozen=True)
class Given:
    """A raw value and its source as the person knows it: `--ae-dims`, `DFL_AE_DIMS`, or `ae_dims in run.toml, line 3`."""

    raw: Any
    source: str


def sourced(given: Mapping) -> dict[str, Given]:
    """Every value with a source; a bare value is taken to be a flag's."""
    return {
        key: value if isinstance(value, Given) else Given(value, "--" + key.replace("_", "-"))
        for key, value in given.items()
    }


def read_given(option: Option, given: Given) -> Any:
    """The value as the option's kind, limits not yet applied. Raises UserError."""
    try:
        return read(option, given.raw)
    except Unacceptable as error:
        raise unusable(error, given) from None


def resolve_given(option: Option, given: Given, answers: Mapping) -> tuple[Any, list[str]]:
    """The value within its limits, and a line with the source for each change. Raises UserError."""
    try:
        value, said = resolve(option, given.raw, answers)
    except Unacceptable as error:
        raise unusable(error, given) from None
    return value, [labeled(given.source, line) for line in said]


def unusable(error: Unacceptable, given: Given) -> UserError:
    accepted = error.option.kind.accepted()
    if error.problem:
        return UserError(
            error.problem,
            saw=f"{given.source} {given.raw}",
            fix=tr("Change or remove {source}.", source=given.source),
        )
    near = nearest(str(given.raw), error.option.kind.completions())
    use = tr("Use {accepted}.", accepted=accepted)
    return UserError(
        tr("{option} cannot be {raw}.", option=error.option.title_and_key, raw=given.raw),
        saw=f"{given.source} {given.raw}",
        fix=tr("Did you mean {near}? Use {accepted}.", near=near, accepted=accepted) if near else use,
    )


def unknown_key(key: str, known: Iterable[str], source: str) -> UserError:
    """The error for a key nobody knows, naming the one that was probably meant."""
    fix = did_you_mean(key, known) or tr("Remove it. docs/options.md lists the keys.")
    return UserError(tr("There is no option {key}.", key=key), saw=source, fix=fix)
