"""The command line's parser: argparse, in the person's language."""

import argparse
import sys

from dfl_cli.terminal.console import print_error
from dfl_cli.translate import N_, tr

WRONG_USAGE = 2  # exit code

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


class Parser(argparse.ArgumentParser):
    """argparse with usage errors that name the help."""

    def __init__(self, **kwargs):
        super().__init__(add_help=False, allow_abbrev=False, **kwargs)
        self.add_argument("-h", "--help", action="help", help=tr("show this help"))
        self._optionals.title = tr("flags")

    def error(self, message: str):
        print_error(message + "\n  " + tr("fix: See {command} --help.", command=self.prog))
        sys.exit(WRONG_USAGE)
