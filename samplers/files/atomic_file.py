"""Files that are replaced whole or not at all, and folders that appear so.

Everything that this project writes in one piece goes through `replacing`, or `creating_folder` for several files.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

PARTIAL = ".partial"  # ends the hidden name of what is not complete yet
LONGEST_STEM = 120  # bytes of the name that are kept in the hidden one; file systems take 255, encrypted ones 143


class DanglingLink(OSError):
    """`filename` is a link to something that is not there, as on a disk that is not connected."""

    def __init__(self, path: Path):
        super().__init__(errno.ENOENT, "The link points to nothing", str(path))


def is_dangling_link(path: Path) -> bool:
    """Whether there is a link at `path` that leads nowhere; it is somebody's, although `exists` does not see it."""
    return path.is_symlink() and not path.exists()


@contextlib.contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """An empty hidden file beside `path` to write to; it replaces `path` if the block succeeds and is removed if not.

    A reader finds the old or the new file, never half of one, and two writers never write to the same file.

    durable  sync the file and its folder, so that the new file is there after a power cut, too
    Raises OSError; DanglingLink where `path` is a link whose target is missing.
    """
    if is_dangling_link(path):
        raise DanglingLink(path)
    partial, descriptor = create_beside(path)
    try:
        with contextlib.ExitStack() as holding:  # until the rename: a complete file is no leftover either
            holding.callback(os.close, descriptor)
            yield partial
            if not fcntl:
                holding.close()  # Windows renames no open file
            if durable:
                sync(partial)
            if path.exists():
                partial.chmod(path.stat().st_mode & 0o777)  # last: nobody may write to it if the old one is read-only
            partial.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    if durable:
        sync(path.parent)


def write_atomically(path: Path, content: bytes | Iterable[bytes], *, durable: bool = True) -> None:
    """Replace `path` by `content`, in one piece or several; see `replacing`."""
    with replacing(path, durable=durable) as partial, partial.open("wb") as file:
        file.writelines([content] if isinstance(content, bytes) else content)


@contextlib.contextmanager
def staging_folder(parent: Path, name: str) -> Iterator[Path]:
    """A new hidden folder in `parent` for files that are to appear there together; it goes at the end with what is still in it.

    Those that killed processes left are removed first. Raises OSError.

    name  what the folder is called, for `remove_leftovers`
    """
    remove_leftovers(parent, name)
    staging, descriptor = create_folder_beside(parent / name)
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if descriptor is not None:
            os.close(descriptor)


@contextlib.contextmanager
def creating_folder(folder: Path) -> Iterator[Path]:
    """An empty hidden folder beside `folder` to write to; it becomes `folder` if the block succeeds and is removed if not.

    The block syncs what it writes. Raises OSError; FileExistsError where there is something at `folder` in the end.
    """
    if folder.parent.is_dir():
        remove_leftovers(folder.parent, folder.name)
    partial, descriptor = create_folder_beside(folder)
    try:
        with contextlib.ExitStack() as holding:
            if descriptor is not None:
                holding.callback(os.close, descriptor)
            yield partial
            sync(partial)
            if os.path.lexists(folder):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder))
            partial.rename(folder)
    except BaseException as error:
        shutil.rmtree(partial, ignore_errors=True)
        if isinstance(error, OSError) and error.errno == errno.ENOTEMPTY:  # somebody else has just made it
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder)) from error
        raise
    sync(folder.parent)


def remove_leftovers(folder: Path, name: str | None = None) -> list[Path]:
    """Remove the hidden files and folders that killed writers left in `folder`, those of `name` or all; returns them.

    What another process is still writing stays. Where that cannot be known of a folder (Windows), only those of `name` go.
    """
    stem = re.escape(hidden_stem(name)) if name else r"\..+"
    pattern = re.compile(rf"{stem}\.[0-9a-f]{{8}}{re.escape(PARTIAL)}")
    removed = []
    for path in sorted(folder.iterdir()):
        is_ours = pattern.fullmatch(path.name) and not path.is_symlink()
        if is_ours and (path.is_file() or (path.is_dir() and (fcntl or name))):
            with contextlib.suppress(OSError):
                remove_unless_locked(path)
                removed.append(path)
    return removed


def create_beside(path: Path) -> tuple[Path, int]:
    """A new hidden file in the folder of `path`, and its descriptor, which locks it until it is closed."""
    while True:
        partial = path.with_name(f"{hidden_stem(path.name)}.{secrets.token_hex(4)}{PARTIAL}")
        try:
            descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666)
        except FileExistsError:
            continue
        if fcntl:
            with contextlib.suppress(OSError):  # some network file systems have no locks
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        if partial.exists():
            return partial, descriptor
        os.close(descriptor)  # another process took it for a leftover before the lock


def create_folder_beside(folder: Path) -> tuple[Path, int | None]:
    """A new hidden folder beside `folder`, and its descriptor, which locks it until it is closed; None on Windows."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    while True:
        partial = folder.with_name(f"{hidden_stem(folder.name)}.{secrets.token_hex(4)}{PARTIAL}")
        try:
            partial.mkdir()
            if not fcntl:
                return partial, None
            descriptor = os.open(partial, os.O_RDONLY)
        except (FileExistsError, FileNotFoundError):
            continue
        with contextlib.suppress(OSError):  # some network file systems have no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if partial.exists():
            return partial, descriptor
        os.close(descriptor)  # another process took it for a leftover before the lock


def hidden(folder: Path) -> Path:
    """The folder under a name that `remove_leftovers` knows, so that half of it is never taken for the whole. Raises OSError."""
    doomed = folder.with_name(f"{hidden_stem(folder.name)}.{secrets.token_hex(4)}{PARTIAL}")
    return folder.rename(doomed)


def remove_unless_locked(path: Path) -> None:
    """Remove the hidden file or folder `path`. Raises OSError if a process is writing it; Windows removes no open file anyway."""
    remove = shutil.rmtree if path.is_dir() else os.unlink
    if not fcntl:
        remove(path)
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove(path)  # under the lock, so that its creator sees that it is gone
    finally:
        os.close(descriptor)


def hidden_stem(name: str) -> str:
    """`.name`, short enough for what comes behind it."""
    return "." + os.fsencode(name)[:LONGEST_STEM].decode(errors="ignore")


def sync(path: Path) -> None:
    """fsync of a file or folder. Folders cannot be opened on Windows, where the rename itself is durable."""
    if os.name == "nt" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
