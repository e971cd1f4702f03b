"""Opening what a person or a stranger put into a folder: only regular files, and no more of them than memory can hold.

A FIFO would block the program when it is opened, a device may never end, and a sparse file of a few bytes may declare a terabyte.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from samplers.files.pickles.pickle_values import N_

MB = 2**20
LARGEST_IMAGE = 512 * MB  # bytes of a file; 16K with 8 bits per color, not compressed, is 400 MB
LARGEST_TEXT = 256 * MB  # of JSON that this program wrote
LARGEST_TABLE = 2048 * MB  # of losses: 30 million lines
READER_SECONDS = 2.0  # until the program that reads a FIFO has opened it
LARGEST_TYPED = MB  # of what people type, such as TOML

KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISFIFO, N_("a pipe (FIFO), not a file")),
    (stat.S_ISSOCK, N_("a socket, not a file")),
    (stat.S_ISCHR, N_("a device, not a file")),
    (stat.S_ISBLK, N_("a device, not a file")),
)


class SpecialFile(OSError):
    """A FIFO, a socket or a device where a file is expected; it is not opened."""

    def __init__(self, path: Path, text: str):
        super().__init__(errno.EINVAL, text, os.fspath(path))


class FileTooLarge(OSError):
    """A file of more bytes than its kind ever has."""

    def __init__(self, path: Path, size: int, limit: int):
        super().__init__(errno.EFBIG, N_("the file is too large"), os.fspath(path))
        self.size, self.limit = size, limit

    def __str__(self) -> str:
        return f"{self.filename}: {self.size} bytes, at most {self.limit} are read"


def check_regular(path: Path) -> os.stat_result:
    """What the system says about the file at `path`, links followed. Raises SpecialFile, OSError."""
    return _checked(path, path.stat())


def open_regular(path: Path, *, buffering: int = -1) -> BinaryIO:
    """The regular file at `path`, opened to read bytes. Never waits for a writer. Raises SpecialFile, OSError."""
    check_regular(path)  # first: opening a device can have effects
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        _checked(path, os.fstat(descriptor))  # again: it may have been replaced meanwhile
        return cast(BinaryIO, os.fdopen(descriptor, "rb", buffering))
    except BaseException:
        os.close(descriptor)
        raise


def read_regular(path: Path, *, limit: int = LARGEST_IMAGE) -> bytes:
    """The content of the regular file at `path`. Raises SpecialFile, FileTooLarge beyond `limit` bytes, OSError."""
    with open_regular(path, buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise FileTooLarge(path, size, limit)
        return file.read()


def without_waiting(path: str, flags: int) -> int:
    """An `opener` for `open` that writes: where nobody comes to read a FIFO, OSError instead of waiting for ever."""
    end = time.monotonic() + READER_SECONDS
    while True:
        try:
            descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)
            break
        except OSError as error:
            if error.errno != errno.ENXIO or time.monotonic() > end:
                raise
        time.sleep(0.02)
    if hasattr(os, "set_blocking") and os.name != "nt":
        os.set_blocking(descriptor, True)
    return descriptor


def _checked(path: Path, facts: os.stat_result) -> os.stat_result:
    if stat.S_ISDIR(facts.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    for is_kind, text in KINDS:
        if is_kind(facts.st_mode):
            raise SpecialFile(path, text)
    return facts
