"""Where the bytes of a picture are, without holding them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from samplers.files.regular_file import LARGEST_IMAGE, FileTooLarge, open_regular


@dataclass(frozen=True, slots=True)
class FileRange:
    """Where the bytes of something are: a whole file, or a part of one."""

    path: Path
    start: int = 0
    size: int | None = None  # None = to the end

    def read(self) -> bytes:
        """The bytes. Raises SpecialFile, FileTooLarge, OSError."""
        with open_regular(self.path) as file:
            size = os.fstat(file.fileno()).st_size - self.start if self.size is None else self.size
            if size > LARGEST_IMAGE:
                raise FileTooLarge(self.path, size, LARGEST_IMAGE)
            file.seek(self.start)
            return file.read(-1 if self.size is None else self.size)
