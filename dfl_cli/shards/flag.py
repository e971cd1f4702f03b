"""The flag that divides a job among runs on one or several machines."""

import argparse
import re

from dfl_cli.options.kinds import plain
from dfl_cli.shards.shard import Shard
from dfl_cli.translate import tr

MOST = 100_000  # shards


def add_shard_flag(parser: argparse.ArgumentParser, about: str) -> None:
    parser.add_argument("--shard", type=shard_given, metavar="I/N", help=about)


def shard_given(text: str) -> Shard:
    """The `type` of the flag: "2/8"."""
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", plain(text))
    shard = found and Shard(int(found[1]), int(found[2]))
    if not shard or not 1 <= shard.number <= shard.count <= MOST:
        raise argparse.ArgumentTypeError(tr("a part of the whole, as in 2/8: from 1/8 to 8/8"))
    return shard
