"""Prepared faces, kept in memory up to a budget."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Hashable
from pathlib import Path

import numpy as np

MEMORY_UNKNOWN = 4 << 30  # bytes assumed free where the system does not say


class FaceCache:
    """Keeps what was made until `limit_bytes` are used, then keeps that and makes the rest anew each time.

    Nothing is thrown out for something newer: each epoch asks for every face once, so the oldest is as likely to be
    asked for as any, and throwing it out would lose nearly every hit. Several sides of a training may share one.
    """

    def __init__(self, limit_bytes: int):
        self.limit_bytes = limit_bytes
        self.used_bytes = 0
        self._kept: dict[Hashable, tuple[np.ndarray, ...]] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], tuple[np.ndarray, ...]]):
        """What `make` returned for this key, now or before; nobody may write into the arrays."""
        found = self._kept.get(key)
        if found is None:
            found = make()
            self._keep(key, found)
        return found

    def _keep(self, key: Hashable, arrays: tuple[np.ndarray, ...]) -> None:
        size = sum(array.nbytes for array in arrays)
        with self._lock:
            if key not in self._kept and self.used_bytes + size <= self.limit_bytes:
                self._kept[key] = arrays
                self.used_bytes += size


def free_memory() -> int:
    """Bytes that can be taken without pressing others out, as the system and a container's limit tell."""
    return min(_system_free(), _container_free())


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
