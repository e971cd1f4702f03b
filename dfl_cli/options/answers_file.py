"""The answers file: every option of a run in one TOML file, to be edited and given again with --answers."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from dfl_cli.errors import UserError
from dfl_cli.options.given import Given, unknown_key
from dfl_cli.options.option import Option
from dfl_cli.options.outputs import file_to_write
from dfl_cli.text_files.encoding import read_text
from dfl_cli.text_files.syntax import NotParsed, parse_toml
from dfl_cli.translate import system_reason, tr
from samplers.files.atomic_file import write_atomically
from samplers.files.regular_file import LARGEST_TYPED, read_regular, without_waiting

STAGE = "stage"  # the key of the tables that are no options, see `stages_file`


class AnswersFile:
    """A TOML file, and in which line each of its keys stands.

    Raises:
        UserError: the file is missing or is no TOML.
        UnknownEncoding
    """

    def __init__(self, path: Path):
        self.path = path
        try:
            self.values, self.text = parse_toml(read_text(path, comments=True, limit=LARGEST_TYPED))
        except OSError as error:
            raise UserError(
                tr("Cannot read {path}.", path=path), saw=system_reason(error), fix=tr("Check the path.")
            ) from None
        except NotParsed as error:
            fix = tr('Write one line per key and put words in quotes: key = "word" or key = 8')
            raise UserError(
                tr("{path} is not valid TOML.", path=path),
                saw=str(error),
                fix=tr("Remove one of the two lines.") if error.repeated else fix,
            ) from None

    def source(self, key: str, stage: int = 0) -> str:
        """`ae_dims in run.toml, line 12`; the line is left out where a key is written in an unusual form.

        Args:
            stage: number of the stage the key belongs to, from 1; 0: it stands above all stages.
        """
        line = self.line_of(key, stage)
        if line is None:
            return tr("{key} in {file}", key=key, file=self.path.name)
        return tr("{key} in {file}, line {line}", key=key, file=self.path.name, line=line)

    def line_of(self, key: str, stage: int = 0) -> int | None:
        wanted, at = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*="""), 0
        for number, line in enumerate(self.text.split("\n"), start=1):
            at += bool(re.match(rf"\s*\[\[\s*{STAGE}\s*\]\]", line))
            if at == stage and wanted.match(line):
                return number
        return None


def read_answers(path: Path, table: Sequence[Option], also: Collection[str] = ()) -> dict[str, Given]:
    """The file's values by key, without its stages; limits are applied later, as to a flag.

    Args:
        also: further keys the command knows, such as `name`.

    Raises:
        UserError: the file is missing, is no TOML, or has a key nobody knows.
    """
    file = AnswersFile(path)
    known = {option.key for option in table} | set(also)
    values = {key: value for key, value in file.values.items() if key != STAGE}
    for key in values:
        if key not in known:
            raise unknown_key(key, {*known, STAGE}, file.source(key))
    return {key: Given(value, file.source(key)) for key, value in values.items()}


def write_answers(
    path: Path,
    table: Sequence[Option],
    answers: Mapping[str, Any],
    stages: Sequence[Mapping] = (),
    *,
    overwrite: bool = False,
    asks: bool = False,
) -> None:
    """Raises UserError if the file cannot be written, or there is another one and nobody allowed to replace it.

    asks  whether a person at the terminal may be asked
    """
    try:
        content = answers_text(table, answers, stages).encode()
        if path.exists() and not path.is_file():  # /dev/stdout, a pipe
            with open(path, "wb", opener=without_waiting) as file:
                file.write(content)
        elif not (path.is_file() and read_regular(path) == content):
            write_atomically(file_to_write(path, overwrite=overwrite, asks=asks), content)
    except UnicodeEncodeError as error:
        raise UserError(
            tr("Cannot write {path}.", path=path),
            saw=tr("a name with bytes that are not UTF-8: {name}", name=error.object.split("\n")[lines_before(error)]),
            fix=tr("Rename that file or folder; TOML holds text only."),
        ) from None
    except OSError as error:
        raise UserError(tr("Cannot write {path}.", path=path), saw=error.strerror, fix=tr("Check the path.")) from None


def lines_before(error: UnicodeEncodeError) -> int:
    """The lines above the one that cannot be encoded."""
    return error.object.count("\n", 0, error.start)


def answers_text(table: Sequence[Option], answers: Mapping[str, Any], stages: Sequence[Mapping] = ()) -> str:
    """Every key with its label, help and limits as comments above it; then the stages."""
    blocks = [f"{as_comment(option)}{option.key} = {literal(answers[option.key])}\n" for option in table]
    if stages:
        blocks.append("# " + tr("Stages, in order: when each ends, and what it changes."))
    for stage in stages:
        blocks.append("".join([f"[[{STAGE}]]\n", *(f"{key} = {literal(value)}\n" for key, value in stage.items())]))
    return "\n".join(blocks)


def as_comment(option: Option) -> str:
    title = tr("{label}: {accepted}", label=option.title, accepted=option.kind.accepted())
    lines = [title, *tr(option.help).splitlines()]
    return "".join(f"# {line}\n" for line in lines)


def literal(value: Any) -> str:
    """`value` as TOML writes it: strings, numbers and booleans look as in JSON but for the control character 127."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {literal(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("\x7f", "\\u007f")
