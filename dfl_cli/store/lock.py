"""One writer per model, folder and output file: a lock file says who it is, and the operating system knows whether he still lives.

The lock file is locked (flock; on Windows a byte of it), which ends with the process however it ends. Where the file system
cannot lock, the process number and its start time decide. One that a killed process left is taken over by the next one.
"""

import contextlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from dfl_cli.shards.lock_file import check_lock_file, is_at, try_to_lock
from dfl_cli.shards.owner import Owner, await_owner, local, read_owner, this_process
from dfl_cli.shards.running import remove_lost_locks, running_shard
from dfl_cli.terminal.console import notice
from dfl_cli.terminal.interrupt import unbroken
from dfl_cli.translate import tr
from samplers.files.atomic_file import hidden_stem
from samplers.files.foreign_files import OURS
from samplers.files.regular_file import open_regular

LOCK_NAME = f"{OURS}-lock"  # in a folder; beside an output file its name follows
ATTEMPTS = 5
SETTLING_SECONDS = 0.3  # where the file system cannot lock: until a rival of the same moment has written his


class InUse(Exception):
    """Another process writes to `target`; `owner` is None if it did not say who it is. `file` is its lock file."""

    def __init__(self, target: Path, file: Path, owner: Owner | None):
        super().__init__(f"{target}: {owner}")
        self.target, self.file, self.owner = target, file, owner


class ModelInUse(InUse):
    """Somebody else trains or changes the model."""


class LockLost(Exception):
    """The folder `target` that this process had locked was renamed, deleted or replaced; nothing may be written to it.

    moved_to  where it is now; None: not known
    """

    def __init__(self, target: Path, moved_to: Path | None):
        super().__init__(str(target))
        self.target, self.moved_to = target, moved_to


class Lock:
    """A context manager that holds the lock file `path`, which protects `target`. Entering it raises InUse.

    take_over  also from a process of another machine, of which nobody here can tell whether it lives
    """

    refusal = InUse
    note: Mapping = {}  # what the file says besides who holds it

    def __init__(self, path: Path, target: Path, *, take_over: bool = False):
        self.path, self.target, self.take_over = path, target, take_over

    def __enter__(self):
        self._makes_folder = False
        for again in reversed(range(ATTEMPTS)):
            try:
                self._makes_folder |= not self.path.parent.exists()
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file, certain = self._locked_file()
                break
            except FileNotFoundError:  # another process has just moved the folder, or removed its lock
                if not again:
                    raise
        try:
            self._take_over_from(read_owner(self.path), certain)
        except InUse:
            self._file.close()
            raise
        except BaseException:  # as on a full disk
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        """A folder that was made for the lock goes unless something came into it."""
        with unbroken():
            self._release()

    def _release(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed by `rename` on Windows
            self._file.truncate(0)
            if os.name != "nt" and is_at(self._file, self.path):
                self.path.unlink()  # while it is held, so that nobody waits for a file that has gone
        self._file.close()
        with contextlib.suppress(OSError):
            if os.name == "nt":
                self.path.unlink()  # fails while somebody else has it open
            if self._makes_folder:
                self.path.parent.rmdir()

    def ensure_in_place(self) -> None:
        """Raises LockLost where the lock file is no longer at its path. Other errors say nothing: a network may be down."""
        with contextlib.suppress(OSError):
            if not is_at(self._file, self.path):
                raise LockLost(self.target, self._new_place())

    def _new_place(self) -> Path | None:
        """Where the folder of the lock file is now. Linux alone knows."""
        with contextlib.suppress(OSError):
            path = Path(f"/proc/self/fd/{self._file.fileno()}").readlink()
            return path.parent if is_at(self._file, path) else None
        return None

    def _refused(self, owner: Owner | None) -> InUse:
        return self.refusal(self.target, self.path, owner)

    def _locked_file(self) -> tuple[BinaryIO, bool]:
        """The lock file, held; and whether the file system can lock at all."""
        while True:
            if os.path.lexists(self.path):
                check_lock_file(self.path)
            file = self.path.open("a+b", buffering=0)
            locked = try_to_lock(file)
            if locked is False:
                file.close()
                raise self._refused(await_owner(self.path))
            if is_at(file, self.path):
                return file, bool(locked)
            file.close()  # its owner has just removed it

    def _take_over_from(self, before: Owner | None, certain: bool) -> None:
        """Follow the owner `before`, if he is gone, and write our name."""
        if before is not None and not self.take_over:
            gone = before.is_here and (certain or not before.is_alive)
            if not gone:
                raise self._refused(before)
        me = this_process()
        self._file.truncate(0)
        self._file.write(json.dumps({**asdict(me), **self.note}, indent=2).encode())
        if not certain:
            time.sleep(SETTLING_SECONDS)
            if read_owner(self.path) != me:
                raise self._refused(read_owner(self.path))
        if before is not None:
            notice(
                tr(
                    "Process {pid} on {host}, which had locked {name} since {since}, has exited or was taken over. "
                    "Continuing.",
                    pid=before.pid,
                    host=before.host,
                    name=self.target.name,
                    since=local(before.since),
                )
            )


class ModelLock(Lock):
    """The lock of the model in `folder`: nobody else trains or changes it. A model that never came to be leaves no folder."""

    refusal = ModelInUse

    def __init__(self, folder: Path, *, take_over: bool = False):
        super().__init__(folder / "lock", folder, take_over=take_over)

    def __enter__(self):
        super().__enter__()
        self._makes_folder = True
        return self

    def rename(self, folder: Path) -> None:
        """Give the model's folder another name and keep the lock; Windows moves no folder with an open file in it."""
        if os.name == "nt":
            self._file.close()
        self.target.rename(folder)
        self.path, self.target = folder / self.path.name, folder


class FolderLock(Lock):
    """Nobody else writes to `folder`, which is made where it is missing; no shard of a merge or an extraction either."""

    def __init__(self, folder: Path):
        super().__init__(folder / LOCK_NAME, folder)

    def __enter__(self):
        super().__enter__()
        try:
            self._refuse_shards()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _refuse_shards(self) -> None:
        """A shard looks for this lock after it has its own, so one of two that start at the same time sees the other."""
        if shard := running_shard(self.target):
            raise InUse(self.target, shard.lock, shard.owner)
        remove_lost_locks(self.target)


class OutputLock(Lock):
    """Nobody else writes the file or makes the folder `path`."""

    def __init__(self, path: Path):
        super().__init__(path.with_name(LOCK_NAME + hidden_stem(path.name)), path)

    def __enter__(self):
        if self.path.parent.is_dir():
            remove_stale_locks(self.path.parent, but=self.path)
        return super().__enter__()


def remove_stale_locks(folder: Path, *, but: Path) -> None:
    """Those of other output files whose processes were killed on this machine."""
    for path in set(folder.glob(f"{LOCK_NAME}.*")) - {but}:
        with contextlib.suppress(OSError), open_regular(path) as file:
            owner = read_owner(path)
            if (owner is None or owner.is_here) and try_to_lock(file) and is_at(file, path):
                path.unlink()


@contextlib.contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Wait for whoever else is inside with this path. Does nothing where the folder is missing or cannot lock."""
    if not path.parent.is_dir():
        yield
        return
    if os.path.lexists(path):
        check_lock_file(path)
    with path.open("a+b") as file:
        while try_to_lock(file) is False:
            time.sleep(0.05)
        yield
