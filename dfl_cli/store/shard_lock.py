"""The lock of a shard: shards of the same job write to one folder at the same time, everybody else is kept out."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.shards.owner import Owner, await_owner
from dfl_cli.shards.running import BEAT_SECONDS, first_touched, is_held, running_shard
from dfl_cli.shards.shard import Shard
from dfl_cli.store.lock import LOCK_NAME, InUse, Lock
from dfl_cli.translate import tr


class OtherSettings(UserError):
    """Another shard of the same job has other settings. shard: "2/8"; file: its lock, or its journal where it has ended."""

    def __init__(self, folder: Path, file: Path, shard: str, *, is_running: bool):
        super().__init__(
            tr("Shard {shard} of {folder} has other settings.", shard=shard, folder=folder),
            saw=str(file),
            fix=tr("Use the same settings, the same save of the model and the same version of dfl for all shards.")
            if is_running
            else tr(
                "Use the settings and the model of the other shards. To begin with new ones, add --again to the first shard."
            ),
        )


class ShardLock(Lock):
    """Nobody else works on `shard` in `folder`, nobody locks the whole folder, and running shards divide the job the same way.

    settings  a digest of all that shards must have in common
    """

    def __init__(self, folder: Path, shard: Shard, settings: str):
        super().__init__(folder / shard.lock_name, folder)
        self.shard = shard
        self.note = {"shard": str(shard), "settings": settings}
        self._ended = threading.Event()
        self._touching: threading.Thread | None = None

    def __enter__(self):
        super().__enter__()
        self._touching = threading.Thread(target=self._touch, name="dfl-shard", daemon=True)
        self._touching.start()
        try:
            self._refuse_others()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        self._ended.set()
        if self._touching:
            self._touching.join()
        super().__exit__()

    def _take_over_from(self, before: Owner | None, certain: bool) -> None:
        """Also follow a lost shard of another machine."""
        if before is not None and not before.is_here:
            self.take_over = first_touched([self.path]) is None
        super()._take_over_from(before, certain)

    def _touch(self) -> None:
        """Others see by this that the shard is not lost. A moment in which the network is down does no harm."""
        while not self._ended.wait(BEAT_SECONDS):
            with contextlib.suppress(OSError):
                os.utime(self._file.fileno() if os.utime in os.supports_fd else self.path)

    def _refuse_others(self) -> None:
        """Raises InUse; OtherSettings. Whoever locks the folder looks for this lock after he has his."""
        whole = self.target / LOCK_NAME
        if whole.exists() and is_held(whole) is not False:
            raise InUse(self.target, whole, await_owner(whole))
        if other := running_shard(self.target, rivals=self._differs):
            if self._divides_alike(other.note):
                raise OtherSettings(self.target, other.lock, str(other.note.get("shard")), is_running=True)
            raise InUse(self.target, other.lock, other.owner)

    def _differs(self, note) -> bool:
        """Whether a running shard with `note` in its lock file is in the way of this one."""
        same = self._divides_alike(note) and note.get("settings") == self.note["settings"]
        return bool(note) and not same

    def _divides_alike(self, note) -> bool:
        return str(note.get("shard")).rpartition("/")[2] == str(self.shard.count)
