"""The answers file: every option of a run in one TOML file, to be edited and given again with --answers."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from dfl_cli import toml
from dfl_cli.errors import UserError
from dfl_cli.options.given import Given, unknown_key
from dfl_cli.options.option import Option
from dfl_cli.translate import tr


def read_answers(path: Path, table: Sequence[Option], also: Collection[str] = ()) -> dict[str, Given]:
    """The file's values by key; limits are applied later, as to a flag.

    Args:
        also: further keys the command knows, such as `name`.

    Raises:
        UserError: the file is missing, is no TOML, or has a key nobody knows.
    """
    try:
        values = toml.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            tr("The answers file cannot be read."), saw=f"{path}: {error.strerror}", fix=tr("check the path")
        ) from None
    except ValueError as error:  # not TOML, or not UTF-8
        raise UserError(
            tr("The answers file is not valid TOML."),
            saw=f"{path}: {error}",
            fix=tr('write lines such as: archi = "liae-ud"'),
        ) from None
    known = {option.key for option in table} | set(also)
    for key in values:
        if key not in known:
            raise unknown_key(key, known, str(path))
    return {key: Given(value, tr("{key} in {file}", key=key, file=path.name)) for key, value in values.items()}


def write_answers(path: Path, table: Sequence[Option], answers: Mapping[str, Any]) -> None:
    path.write_text(answers_text(table, answers), encoding="utf-8")


def answers_text(table: Sequence[Option], answers: Mapping[str, Any]) -> str:
    """Every key with its label, help and limits as comments above it."""
    blocks = [
        f"# {tr(option.label)}: {option.kind.accepted()}\n# {tr(option.help)}\n{option.key} = {literal(answers[option.key])}\n"
        for option in table
    ]
    return "\n".join(blocks)


def literal(value: Any) -> str:
    """`value` as TOML writes it: strings, numbers and booleans look as in JSON but for the control character 127."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("\x7f", "\\u007f")
