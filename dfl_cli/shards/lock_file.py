"""Lock files: the operating system knows whether a process holds one, and lets it go with the process."""

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from dfl_cli.translate import N_
from samplers.files.regular_file import SpecialFile, check_regular

LOCKED_BYTE = 1 << 30  # Windows lets nobody read what is locked, so it is a byte far behind the text


def check_lock_file(path: Path) -> None:
    """Raises OSError where what has the name of a lock file is none of ours: opening it could wait for ever, or lead elsewhere."""
    if path.is_symlink():
        raise SpecialFile(path, N_("a link, not a file"))
    with suppress(FileNotFoundError):  # its owner has just removed it
        check_regular(path)


def try_to_lock(file: BinaryIO, *, shared: bool = False) -> bool | None:
    """Lock an open file until it is closed. False: somebody else holds it. None: the file system cannot lock.

    shared  together with others who do the same; on Windows alone, too
    """
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
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
