"""`dfl xseg remove-labels`: the polygons drawn by hand go from the faces of a set."""

import argparse

from dfl_cli.xseg import removing
from dfl_cli.xseg.labels import POLYGONS

add_arguments = removing.add_arguments


def run(args: argparse.Namespace) -> int:
    return removing.run(args, "remove-labels", POLYGONS)
