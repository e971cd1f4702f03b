"""Prepared faces, kept in memory up to a budget; the files of those that find no room, as far as they fit."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from samplers.files.file_range import FileRange

PREPARED_SHARE = 7 / 8  # of the budget; a file is a tenth of its prepared face, so the rest holds about as many faces
MEMORY_UNKNOWN = 4 << 30  # bytes assumed free where the system does not say
ADDRESSES_USED = 0.5  # of what a limit of addresses leaves; threads reserve the rest for their heaps (docs/LOG.md)


class FaceCache:
    """Keeps what was made until `limit_bytes` are used, then keeps that and makes the rest again each time.

    Nothing is thrown out for something newer: each epoch asks for every face once, so the oldest is as likely to be
    asked for as any, and throwing it out would lose nearly every hit. Several sides of a training may share one.
    """

    def __init__(self, limit_bytes: int):
        self.limit_bytes = limit_bytes
        self.used_bytes = 0
        self.full = False  # whether a prepared face has found no room
        self._kept: dict[Hashable, tuple[np.ndarray, ...]] = {}
        self._files: dict[FileRange, bytes] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], tuple[np.ndarray, ...]]):
        """What `make` returned for this key, now or before; nobody may write into the arrays."""
        found = self._kept.get(key)
        if found is None:
            found = make()
            self._keep(key, found)
        return found

    def read(self, file_range: FileRange) -> bytes:
        """The bytes at `file_range`, kept from the moment on when prepared faces have no more room; OSError."""
        encoded = self._files.get(file_range)
        if encoded is None:
            encoded = file_range.read()
            if self.full:
                self._store(self._files, file_range, encoded, size=len(encoded), limit=self.limit_bytes)
        return encoded

    def _keep(self, key: Hashable, arrays: tuple[np.ndarray, ...]) -> None:
        size, limit = sum(array.nbytes for array in arrays), self.limit_bytes * PREPARED_SHARE
        if not self._store(self._kept, key, arrays, size=size, limit=limit):
            self.full = True

    def _store(self, shelf: dict, key: Hashable, value, *, size: int, limit: float) -> bool:
        with self._lock:
            if key in shelf:
                return True
            if self.used_bytes + size > limit:
                return False
            shelf[key] = value
            self.used_bytes += size
            return True


@dataclass(frozen=True, slots=True)
class CachedFileRange:
    """A file range that is read through a cache."""

    file_range: FileRange
    cache: FaceCache

    def read(self) -> bytes:
        return self.cache.read(self.file_range)


def free_memory() -> int:
    """Bytes that can be taken without pressing others out, as the system, a container's limit and one of the process tell."""
    return min(_system_free(), _container_free(), _addresses_free())


def peak_memory() -> int | None:
    """Bytes of main memory this process has taken at most; None where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        pass
    try:
        import resource  # not on Windows
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # where Linux starts with that of the parent
    return peak if sys.platform == "darwin" else peak * 1024


def _system_free() -> int:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        pass
    if "SC_PHYS_PAGES" in getattr(os, "sysconf_names", {}):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2  # macOS does not say how much is free
    return MEMORY_UNKNOWN


def _container_free() -> int:
    group = Path("/sys/fs/cgroup")
    try:
        return max(0, int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    except (OSError, ValueError):  # no container, or no limit: the file says `max`
        return _system_free()


def _addresses_free() -> int:
    """What `ulimit -v` leaves, as memory."""
    try:
        import resource  # not on Windows

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):
        return _system_free()
    return _system_free() if limit == resource.RLIM_INFINITY else int(max(0, limit - used) * ADDRESSES_USED)
