"""`dfl xseg train`: `dfl train --model XSeg`, with the flags that it has for this class."""

import argparse

from dfl_cli.classes.registry import CLASSES
from dfl_cli.train import command
from dfl_cli.xseg.predict import XSEG


def add_arguments(parser: argparse.ArgumentParser) -> None:
    command.add_arguments(parser, only=CLASSES[XSEG])


run = command.run
