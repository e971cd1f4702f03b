"""Who holds a lock: a process, its machine, and since when."""

import json
import os
import socket
import time
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

from samplers.files.regular_file import LARGEST_TYPED, read_regular

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # Linux
READING_SECONDS = 1.0  # until the winner of a race has written his name


@dataclass(frozen=True)
class Owner:
    """Who holds a lock."""

    pid: int
    process_start: (
        int | None
    )  # clock ticks after the start of the machine (Linux): tells a process from a later one with its pid
    host: str
    boot: str | None  # of the machine; containers have the same one under other host names
    since: str  # ISO 8601 with the zone

    @property
    def is_here(self) -> bool:
        """Whether it runs, or ran, on this machine."""
        return self.host == socket.gethostname() or (self.boot is not None and self.boot == boot_id())

    @property
    def is_alive(self) -> bool:
        """Whether the process of this machine still runs."""
        return process_exists(self.pid) and self.process_start == process_start(self.pid) and self.boot == boot_id()


def read_owner(path: Path) -> Owner | None:
    """None where the file is empty, lost or no lock of ours."""
    try:
        found = json.loads(read_regular(path, limit=LARGEST_TYPED))
        owner = Owner(**{field.name: found[field.name] for field in fields(Owner)})
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return owner if isinstance(owner.pid, int) and owner.pid > 0 else None


def await_owner(path: Path, seconds: float = READING_SECONDS) -> Owner | None:
    """Who holds the lock file; he may be about to write it."""
    end = time.monotonic() + seconds
    while (owner := read_owner(path)) is None and time.monotonic() < end:
        time.sleep(0.02)
    return owner


def this_process() -> Owner:
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return Owner(os.getpid(), process_start(os.getpid()), socket.gethostname(), boot_id(), now)


def process_exists(pid: int) -> bool:
    if os.name == "nt":
        return False  # is not asked: there every file system can lock, and signal 0 would end the process
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def process_start(pid: int) -> int | None:
    """Field 22 of /proc/PID/stat; None where there is none."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return int(status.rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return None


def boot_id() -> str | None:
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None


def local(since: object) -> str:
    """A time of the lock file, to the second."""
    try:
        return datetime.fromisoformat(str(since)).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return "?"
