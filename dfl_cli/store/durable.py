"""Files that are on the disk when they are said to be: written whole or not at all, hashed on the way, synced."""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dfl_cli.text_files.encoding import read_text
from dfl_cli.text_files.syntax import parse_json
from samplers.files.atomic_file import PARTIAL, DanglingLink, is_dangling_link, sync
from samplers.files.names import escape_surrogates
from samplers.files.regular_file import open_regular


def write_hashed(path: Path, pieces: Iterable) -> dict:
    """Write buffers one after the other and sync them; {"bytes", "sha256"} of the whole, as a manifest lists it.

    The hash is computed while the disk is busy; neither holds up other threads.
    """
    pieces = list(pieces)
    with ThreadPoolExecutor(1, thread_name_prefix="dfl-hash") as pool:
        digest = pool.submit(hash_of, pieces)
        with path.open("wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        return {"bytes": sum(memoryview(piece).nbytes for piece in pieces), "sha256": digest.result()}


def synced(path: Path) -> dict:
    """Sync a file that is there; {"bytes", "sha256"} of it, read back."""
    sync(path)
    return {"bytes": path.stat().st_size, "sha256": sha256(path)}


def hash_of(pieces: Iterable) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def append_durably(path: Path, content: bytes) -> None:
    """Add to the end of a file and sync it. If that fails, the file is what it was. Raises OSError; DanglingLink."""
    if is_dangling_link(path):
        raise DanglingLink(path)
    with path.open("ab", buffering=0) as file:
        before = file.seek(0, os.SEEK_END)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except OSError:
            with contextlib.suppress(OSError):
                file.truncate(before)
            raise


def remove_folder(folder: Path) -> None:
    """Remove a folder as one: it is hidden first, so that half of it is never taken for the whole. What fails is left."""
    doomed = folder.with_name(f".{folder.name}{PARTIAL}")
    shutil.rmtree(doomed, ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)


def link_or_copy(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def copy_durably(source: str | Path, target: str | Path) -> None:
    shutil.copy2(source, target)
    sync(Path(target))


def sha256(path: Path, on_bytes: Callable[[int], object] = lambda count: None) -> str:
    digest = hashlib.sha256()
    for block in blocks(path):
        digest.update(block)
        on_bytes(len(block))
    return digest.hexdigest()


def blocks(path: Path, size: int = 1 << 20) -> Iterator[bytes]:
    with open_regular(path) as file:
        while block := file.read(size):
            yield block


def json_bytes(value: Mapping) -> bytes:
    return (escape_surrogates(json.dumps(value, indent=2, ensure_ascii=False)) + "\n").encode()


def read_json(path: Path) -> dict:
    """The object in a JSON file. Raises ValueError if it is not an object."""
    value = parse_json(read_text(path))
    if not isinstance(value, dict):
        raise ValueError(f"{path.name} holds no object")
    return value
