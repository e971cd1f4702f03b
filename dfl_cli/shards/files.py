"""Files of lines that shards write, each run its own: no two machines ever append to one file, so the file system need not lock.

Beside `.dfl-merge.jsonl` they are called `.dfl-merge.shard-0003-2-of-8-5f1c9e02.jsonl`: the first number is higher than that of every
file that was there when the run began, so later lines about one thing are in later files. What the shards wrote goes on in the main
file once a run has the folder to itself.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from dfl_cli.shards.shard import Shard
from dfl_cli.text_files.lines import open_for_lines
from samplers.files.atomic_file import sync
from samplers.files.regular_file import open_regular


def shard_files(path: Path) -> list[Path]:
    """The files of shards beside the main file `path`, in the order in which their runs began."""
    numbered = ((number_of(file), file.name, file) for file in path.parent.glob(f"{path.stem}.shard-*{path.suffix}"))
    return [file for _, _, file in sorted(numbered)]


def number_of(file: Path) -> int:
    found = re.search(r"\.shard-(\d+)-", file.name)
    return int(found[1]) if found else 0


def latest_files(path: Path) -> list[Path]:
    """The files of the shards that began last, as far as that is known."""
    files = shard_files(path)
    return [file for file in files if number_of(file) == number_of(files[-1])]


def new_shard_file(path: Path, shard: Shard):
    """(path, file opened for appending) of a run of `shard` that begins now."""
    number = max(map(number_of, shard_files(path)), default=0) + 1
    name = f"{path.stem}.shard-{number:04d}-{shard.number}-of-{shard.count}-{secrets.token_hex(4)}{path.suffix}"
    file = open_for_lines(path.with_name(name))
    sync(path.parent)
    return path.with_name(name), file


def take_in(path: Path) -> None:
    """Append what shards wrote to the main file `path` and remove their files. The caller has the folder to itself.

    They go in their order: after a kill those that are left are the latest, and read again they change nothing.
    """
    files = shard_files(path)
    if not files:
        return
    with open_for_lines(path) as main:
        for file in files:
            with open_regular(file) as lines:
                for line in lines:
                    main.write(line if line.endswith(b"\n") else line + b"\n")
        main.flush()
        os.fsync(main.fileno())
    sync(path.parent)
    for file in files:
        file.unlink()
