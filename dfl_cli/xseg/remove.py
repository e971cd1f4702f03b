"""`dfl xseg remove`: the applied masks go from the faces of a set."""

import argparse

from dfl_cli.xseg import removing
from dfl_cli.xseg.labels import MASK

add_arguments = removing.add_arguments


def run(args: argparse.Namespace) -> int:
    return removing.run(args, "remove", MASK)
