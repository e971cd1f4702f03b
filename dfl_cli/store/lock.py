"""One writer per model, folder and output file: a lock file says who it is, and the operating system knows whether he still lives.

The lock file is locked (flock; on Windows a byte of it), which ends with the process however it ends. Where the file system
cannot lock, the process number and its start time decide. One that a killed process left is taken over by the next one.
"""

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from dfl_cli.terminal.console import notice
from dfl_cli.terminal.interrupt import unbroken
from dfl_cli.translate import N_, tr
from samplers.files.atomic_file import hidden_stem
from samplers.files.foreign_files import OURS
from samplers.files.regular_file import LARGEST_TYPED, SpecialFile, check_regular, open_regular, read_regular

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # Linux
LOCK_NAME = f"{OURS}-lock"  # in a folder; beside an output file its name follows
LOCKED_BYTE = 1 << 30  # Windows lets nobody read what is locked, so it is a byte far behind the text
READING_SECONDS = 1.0  # until the winner of a race has written his name
ATTEMPTS = 5
SETTLING_SECONDS = 0.3  # where the file system cannot lock: until a rival of the same moment has written his


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
        self._file.write(json.dumps(asdict(me), indent=2).encode())
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
    """Nobody else writes to `folder`, which is made where it is missing."""

    def __init__(self, folder: Path):
        super().__init__(folder / LOCK_NAME, folder)


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


def check_lock_file(path: Path) -> None:
    """Raises OSError where what has the name of a lock file is none of ours: opening it could wait for ever, or lead elsewhere."""
    if path.is_symlink():
        raise SpecialFile(path, N_("a link, not a file"))
    with contextlib.suppress(FileNotFoundError):  # its owner has just removed it
        check_regular(path)


def try_to_lock(file: BinaryIO) -> bool | None:
    """Lock an open file until it is closed. False: somebody else holds it. None: the file system cannot lock."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return None
    return True


def is_at(file: BinaryIO, path: Path) -> bool:
    """Whether the open file is still the one at `path`."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except (FileNotFoundError, NotADirectoryError):
        return False


def read_owner(path: Path) -> Owner | None:
    """None where the file is empty, lost or no lock of ours."""
    try:
        owner = Owner(**json.loads(read_regular(path, limit=LARGEST_TYPED)))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    return owner if isinstance(owner.pid, int) and owner.pid > 0 else None


def await_owner(path: Path) -> Owner | None:
    end = time.monotonic() + READING_SECONDS
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
