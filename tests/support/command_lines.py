"""Command lines that are read as the program reads them, without doing anything."""

import re
from importlib import import_module

import pytest

from dfl_cli.main import COMMANDS, OLD_NAMES
from dfl_cli.options.parser import Parser


def parse(words: list[str]) -> int:
    """Read a command line; the exit code: 0, 2 for wrong usage."""
    for count in (2, 1):
        name = " ".join(words[:count])
        if (name := OLD_NAMES.get(name, name)) in COMMANDS:
            parser = Parser(prog=f"dfl {name}")
            import_module(COMMANDS[name]).add_arguments(parser)
            try:
                parser.parse_args(words[count:])
            except SystemExit as end:
                return end.code
            return 0
    raise AssertionError(words)


def skip_what_is_not_there_yet(said: str) -> None:
    """Skip a test where stderr says that `faceset` or `video` has no such action in this version."""
    missing = re.search(r"argument ACTION: invalid choice: '([\w-]+)'", said)
    if missing:
        pytest.skip(f"this version has no {missing[1]}")
