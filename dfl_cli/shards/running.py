"""Shards: runs on one or several machines that share a job, each with its part of the frames.

Each holds a lock file of its own, `.dfl-shard-2-of-8.lock`, and touches it every few seconds. Locks of other machines cannot be
trusted on every network file system, but a file that nobody touches any more belongs to a lost shard. No clocks are compared:
who wants to know watches the file for a while.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from dfl_cli.shards.lock_file import try_to_lock
from dfl_cli.shards.owner import Owner, await_owner
from dfl_cli.shards.shard import LOCKS
from dfl_cli.terminal.console import notice
from dfl_cli.translate import tr
from samplers.files.regular_file import LARGEST_TYPED, open_regular, read_regular

BEAT_SECONDS = 5.0  # between two touches
LOST_SECONDS = 30.0  # without a touch, as others see it


class RunningShard(NamedTuple):
    """A shard that somebody works on. note: what its lock file says."""

    lock: Path
    owner: Owner | None
    note: Mapping


def running_shard(folder: Path, *, rivals=lambda note: True) -> RunningShard | None:
    """One of the running shards in `folder` whose lock files `rivals` accepts; None where there is none.

    Where a lock is of another machine it takes up to LOST_SECONDS to find that out.
    """
    unknown = []
    for path in sorted(folder.glob(LOCKS)):
        note = note_of(path)
        if not rivals(note):
            continue
        held = is_held(path)
        if held:
            return RunningShard(path, await_owner(path), note)
        if held is None:
            unknown.append(path)
    living = first_touched(unknown)
    return RunningShard(living, await_owner(living), note_of(living)) if living else None


def note_of(path: Path) -> Mapping:
    """What the lock file says; empty where it is lost, empty or no lock of a shard."""
    try:
        found = json.loads(read_regular(path, limit=LARGEST_TYPED))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def is_held(path: Path) -> bool | None:
    """Whether a process holds the lock file; None: one of another machine does, or did."""
    try:
        with open_regular(path) as file:
            locked = try_to_lock(file, shared=True)
            if locked is False:
                return True
            owner = await_owner(path) if locked is None else None
    except OSError:  # it has just gone
        return False
    owner = owner or await_owner(path, seconds=0)
    if owner is None:
        return False
    if not owner.is_here:
        return None
    return not locked and owner.is_alive


def first_touched(paths: Sequence[Path], seconds: float | None = None) -> Path | None:
    """The first lock file of `paths` that its owner touches; None where nobody touches any for `seconds` (None: LOST_SECONDS)."""
    before = {path: touched_at(path) for path in paths}
    seconds = LOST_SECONDS if seconds is None else seconds
    if before:
        notice(
            tr("Waiting up to {seconds:.0f} s to see whether a shard on another machine still runs.", seconds=seconds)
        )
    end = time.monotonic() + seconds
    while before and time.monotonic() < end:
        time.sleep(min(seconds / 20, 1))
        for path, earlier in list(before.items()):
            now = touched_at(path)
            if now is None:  # it has ended
                del before[path]
            elif now != earlier:
                return path
    return None


def touched_at(path: Path) -> int | None:
    """When the lock file was last touched, in nanoseconds of its file system's clock; None: it has gone."""
    try:
        with open_regular(path) as file:  # opening it makes NFS ask its server
            return os.fstat(file.fileno()).st_mtime_ns
    except OSError:
        return None


def remove_lost_locks(folder: Path) -> None:
    """Remove the lock files of shards, none of which runs."""
    for path in folder.glob(LOCKS):
        with contextlib.suppress(OSError):
            path.unlink()
