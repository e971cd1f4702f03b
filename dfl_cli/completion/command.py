"""`dfl completion`: the script by which a shell asks this program what can follow (argcomplete)."""

import argparse

from dfl_cli.terminal.console import say
from dfl_cli.translate import tr

SHELLS = ("bash", "zsh", "fish", "powershell")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=tr("bash, zsh, fish or powershell."))


def run(arguments: argparse.Namespace) -> int:
    """Prints the script; returns 0."""
    from argcomplete import shellcode

    say(shellcode(["dfl"], shell=arguments.shell).strip("\n"))
    return 0
