"""The command line's parser: argparse, in the person's language."""

import argparse
import sys
from collections.abc import Iterable, Iterator

from dfl_cli.options.help.short import formatter, short_help, usage_of
from dfl_cli.options.suggestions import did_you_mean
from dfl_cli.terminal.console import print_error
from dfl_cli.translate import N_, listed, tr

WRONG_USAGE = 2  # exit code
HELP_FLAGS = frozenset({"-h", "--help", "--help-all"})

# What argparse of Python 3.10 to 3.13 says to users, for the catalogs.
ARGPARSE_TEXTS = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("%(heading)s:"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("expected one argument"),
    N_("expected at most one argument"),
    N_("expected at least one argument"),
    N_("expected %s argument"),
    N_("expected %s arguments"),
    N_("ignored explicit argument %r"),
    N_("invalid %(type)s value: %(value)r"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("not allowed with argument %s"),
    N_("one of the arguments %s is required"),
    N_("the following arguments are required: %s"),
    N_("unknown parser %(parser_name)r (choices: %(choices)s)"),
    N_("unrecognized arguments: %s"),
    N_("can't open '%(filename)s': %(error)s"),
)

argparse._ = tr  # argparse looks its texts up by these two names
argparse.ngettext = lambda one, many, count: tr(one if count == 1 else many)


class ShortHelp(argparse.Action):
    """--help: examples and a line for each flag."""

    def __call__(self, parser, namespace, values, option_string=None):
        parser._print_message(parser.short_help(), sys.stdout)
        parser.exit()


class Parser(argparse.ArgumentParser):
    """argparse with a short help beside the whole one, and usage errors that name the help and what was probably meant."""

    def __init__(self, **kwargs):
        super().__init__(add_help=False, allow_abbrev=False, formatter_class=formatter, **kwargs)
        self.add_argument(
            "-h", "--help", action=ShortHelp, nargs=0, default=argparse.SUPPRESS, help=tr("show this help")
        )
        self.add_argument("--help-all", dest="help", action="help", help=tr("show the help with all texts"))
        self._optionals.title = tr("flags")
        self._near = ""  # a sentence for the error to come

    def short_help(self) -> str:
        return short_help(self)

    def format_help(self) -> str:
        """argparse's, with the usage of the short help: each flag is explained below it."""
        self.usage = usage_of(self)
        return super().format_help()

    def add_subparsers(self, **kwargs):
        return super().add_subparsers(**{"prog": self.prog, **kwargs})  # argparse would take it from a usage in colors

    def parse_args(self, args=None, namespace=None):
        found, unknown = self.parse_known_args(args, namespace)
        if unknown:
            known = [flag for parser in in_use(self, found) for flag in parser._option_string_actions]
            flags = [word.partition("=")[0] for word in unknown if word.startswith("-")]
            self._near = next(filter(None, (did_you_mean(flag, known) for flag in flags)), "")
            self.error(tr("unrecognized arguments: %s") % " ".join(unknown))
        return found

    def _check_value(self, action, value):
        """As argparse's, which lists choices differently from version to version."""
        if action.choices is not None and value not in action.choices:
            self._near = did_you_mean(str(value), map(str, action.choices))
            facts = {"value": value, "choices": listed(action.choices)}
            raise argparse.ArgumentError(action, tr("invalid choice: %(value)r (choose from %(choices)s)") % facts)

    def error(self, message: str):
        message = listed_in_own_language(message)
        fix = tr("fix: See {command} --help.", command=self.prog)
        if self._near:
            fix = tr("fix: {meant} See {command} --help.", meant=self._near, command=self.prog)
        print_error(f"{message}\n  {fix}")
        sys.exit(WRONG_USAGE)


def listed_in_own_language(message: str) -> str:
    """argparse separates the arguments that are missing by commas, in every language."""
    before = tr("the following arguments are required: %s").partition("%s")[0]
    if not message.startswith(before):
        return message
    return before + listed(message.removeprefix(before).split(", "))


def in_use(parser: argparse.ArgumentParser, found: argparse.Namespace) -> Iterator[argparse.ArgumentParser]:
    """The parser, and that of the action that was named."""
    yield parser
    for action in parser._actions:
        if (
            isinstance(action, argparse._SubParsersAction)
            and (name := getattr(found, action.dest, None)) in action.choices
        ):
            yield from in_use(action.choices[name], found)


def wants_help(words: Iterable[str]) -> bool:
    return not HELP_FLAGS.isdisjoint(words)
