"""Where the bytes of a picture are, without holding them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileRange:
    """Where the bytes of something are: a whole file, or a part of one."""

    path: Path
    start: int = 0
    size: int | None = None  # None = to the end

    def read(self) -> bytes:
        with self.path.open("rb") as file:
            file.seek(self.start)
            return file.read(-1 if self.size is None else self.size)
