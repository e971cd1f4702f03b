"""What can follow the words on a command line, for a shell: commands, actions, flags, choices, names of models, files.

argcomplete walks the parser; here it gets one that has every command by name, and the arguments of the one that was typed.
"""

import argparse
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from argcomplete.finders import CompletionFinder
from argcomplete.lexers import split_line

from dfl_cli.errors import UserError
from dfl_cli.options.flags import path_given
from dfl_cli.options.help.short import first_part
from dfl_cli.options.parser import Parser
from dfl_cli.store.workspace import folder_for
from dfl_cli.xseg.arguments import folder_given
from samplers.files.foreign_files import own_files
from samplers.files.names import printable

NAMES_OF_MODELS = frozenset({"name", "init_from", "xseg_name", "a", "b"})  # `dest` of arguments
PATH_TYPES = (Path, path_given, folder_given)
FACE_SETS = ("src", "dst")  # in the place of a folder, see `named_face_set`


class Finder(CompletionFinder):
    """argcomplete's, with short descriptions for the shells that show them."""

    def _get_action_help(self, action):
        return getattr(action, "short_help", None) or first_part((action.help or "").replace("%%", "%"))


def answer(parser_for: Callable[[Sequence[str]], argparse.ArgumentParser]) -> int:
    """Write what can follow to where the shell reads it; returns the exit code. parser_for: words -> the parser for them."""
    line, point = os.environ.get("COMP_LINE", ""), int(os.environ.get("COMP_POINT") or 0)
    *_, words, _ = split_line(line, point)
    parser, exit_codes = parser_for(words[1:]), []
    Finder()(parser, always_complete_options=False, exit_method=exit_codes.append, default_completer=complete_value)
    return exit_codes[0] if exit_codes else 0


def command_parser(
    words: Sequence[str], modules: Mapping[str, str], summaries: Mapping[str, str], add_common: Callable
) -> argparse.ArgumentParser:
    """Of all commands, with the arguments of the one that `words` begin with.

    modules, summaries  by the name of a command
    add_common          gives a parser the flags that every command has
    """
    typed = next((name for count in (2, 1) if (name := " ".join(words[:count])) in modules), "")
    root = Parser(prog="dfl")
    add_common(root)
    first_words = root.add_subparsers(dest="command")
    for first in dict.fromkeys(name.partition(" ")[0] for name in modules):
        seconds = [name for name in modules if name.startswith(f"{first} ")]
        parser = first_words.add_parser(first, help=summaries.get(first))
        if first in modules and typed not in seconds:
            fill(parser, first, modules, add_common, wanted=typed == first)
            add_words(parser, [name.partition(" ")[2] for name in seconds])
            continue
        second_words = parser.add_subparsers(dest="second")
        for name in seconds:
            second = second_words.add_parser(name.partition(" ")[2], help=summaries[name])
            fill(second, name, modules, add_common, wanted=typed == name)
    return root


def fill(parser: Parser, name: str, modules: Mapping[str, str], add_common: Callable, *, wanted: bool) -> None:
    if wanted:
        add_common(parser)
        import_module(modules[name]).add_arguments(parser)


def add_words(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Words that may stand where the first argument of a command stands, such as `dfl extract review`."""
    if words and (found := parser._get_positional_actions()):
        choices = [*(found[0].choices or ()), *words]
        found[0].completer = lambda **_: choices


def complete_value(prefix: str, action: argparse.Action, parsed_args: argparse.Namespace, **_) -> Iterator[str]:
    """What the value of an argument without choices can be."""
    if action.dest in NAMES_OF_MODELS:
        yield from model_names(parsed_args)
    elif action.type in PATH_TYPES:
        yield from files(prefix)
        if action.dest in ("folder", "src", "dst") and not action.option_strings:
            yield from FACE_SETS


def model_names(arguments: argparse.Namespace) -> list[str]:
    """Of the models folder that is named, or of the workspace."""
    given, workspace = (getattr(arguments, name, None) for name in ("models", "workspace"))
    try:
        folder = folder_for(given, workspace, "models", flag="--models", announce=False)
    except UserError:
        return []
    paths = own_files(folder) if folder.is_dir() else []
    return sorted(path.name for path in paths if (path / "model.json").is_file() and path.name == printable(path.name))


def files(prefix: str) -> Iterator[str]:
    """Paths that begin with `prefix`, those of folders with a slash at the end."""
    before, _, beginning = prefix.rpartition("/")
    before += "/" if "/" in prefix else ""
    try:
        for path in sorted(Path(before or ".").expanduser().iterdir()):
            if path.name.startswith(beginning) and (beginning or not path.name.startswith(".")):
                yield before + path.name + ("/" if path.is_dir() else "")
    except OSError:
        return
