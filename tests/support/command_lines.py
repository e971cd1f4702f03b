"""Command lines that are read as the program reads them, without doing anything."""

from importlib import import_module

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
