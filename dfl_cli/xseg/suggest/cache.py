"""What was found out about faces, kept in the face set's folder so that the next call is quick.

A NumPy archive of numbers and texts: nothing in it can run. It may come with a stranger's face set; one that is not as it should
be counts as none.
"""

from __future__ import annotations

import contextlib
import io
import os
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from samplers.files.atomic_file import write_atomically
from samplers.files.regular_file import MB, open_regular

KEY_BYTES = 16  # of `content_fingerprint`: changes with the file, whatever its name
LARGEST = 512 * MB  # bytes, unpacked; 100,000 masks have 110
Columns = Mapping[str, tuple[type, tuple[int, ...]]]  # name -> (type, shape for one face)


class Cache:
    """Rows of values by the key of a face. Rows made by another `maker`, such as another model, are forgotten."""

    def __init__(self, path: Path, columns: Columns, maker: str = ""):
        self.path, self.columns, self.maker = path, columns, maker
        self.rows: dict[bytes, tuple[np.ndarray, ...]] = {}
        with contextlib.suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, NotImplementedError):
            self.rows = self._read()

    def save(self, keys: Iterable[bytes]) -> None:
        """Keep the rows of these faces; silently not, where nothing can be written."""
        kept = [key for key in keys if key in self.rows]
        arrays = {
            name: np.array([self.rows[key][place] for key in kept], kind).reshape(len(kept), *shape)
            for place, (name, (kind, shape)) in enumerate(self.columns.items())
        }
        encoded = io.BytesIO()
        np.savez_compressed(
            encoded,
            keys=np.frombuffer(b"".join(kept), np.uint8).reshape(len(kept), KEY_BYTES),
            maker=np.frombuffer(self.maker.encode(), np.uint8),
            **arrays,
        )
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(exist_ok=True)
            write_atomically(self.path, encoded.getvalue(), durable=False)

    def _read(self) -> dict[bytes, tuple[np.ndarray, ...]]:
        with open_regular(self.path) as file:
            if os.fstat(file.fileno()).st_size > LARGEST or unpacked_bytes(file) > LARGEST:
                raise ValueError
            with np.load(file, allow_pickle=False) as archive:
                if archive["maker"].tobytes() != self.maker.encode():
                    return {}
                keys = archive["keys"]
                values = [
                    checked(archive[name], kind, (len(keys), *shape)) for name, (kind, shape) in self.columns.items()
                ]
        names = [key.tobytes() for key in checked(keys, np.uint8, (len(keys), KEY_BYTES))]
        return dict(zip(names, zip(*values, strict=True), strict=True))


def unpacked_bytes(file) -> int:
    with zipfile.ZipFile(file) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    file.seek(0)
    return size


def checked(array: np.ndarray, kind: type, shape: tuple[int, ...]) -> np.ndarray:
    """Raises ValueError."""
    if array.dtype != kind or array.shape != shape or not np.isfinite(array).all():
        raise ValueError
    return array
