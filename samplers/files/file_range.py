"""Where the bytes of a picture are, without holding them, and what stands for them."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from samplers.files.regular_file import LARGEST_IMAGE, FileTooLarge, open_regular

SAMPLES, SAMPLE_BYTES = 16, 4096  # of a larger file: evenly spread, the first bytes and the last among them
UNCOMPRESSED = frozenset(
    {".bmp", ".tif", ".tiff", ".pgm", ".ppm"}
)  # read whole: a retouched spot changes no other byte
TAIL_BYTES = 20  # bytes: in a PNG the checksum of all pixels (zlib's), that of the last chunk, and the end chunk


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


def content_fingerprint(file: FileRange) -> bytes:
    """Size and content of a file or a part of one: whole up to 64 KB, then of samples. Raises OSError.

    The last bytes of a PNG hold the checksum of its pixels, and of a JPEG everything after a changed spot.
    """
    with open_regular(file.path) as opened:
        size = opened.seek(0, os.SEEK_END) - file.start if file.size is None else file.size
        digest = hashlib.blake2b(str(size).encode(), digest_size=16)
        is_plain = file.path.suffix.lower() in UNCOMPRESSED and size <= LARGEST_IMAGE
        whole = size <= SAMPLES * SAMPLE_BYTES or is_plain
        places = [0] if whole else [number * (size - SAMPLE_BYTES) // (SAMPLES - 1) for number in range(SAMPLES)]
        for place in places:
            opened.seek(file.start + place)
            digest.update(opened.read(size if whole else SAMPLE_BYTES))
    return digest.digest()


def file_fingerprint(path: Path) -> str | None:
    """Size and last bytes of a file, which survive copying; None if there is no such file."""
    try:
        with open_regular(path) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            return f"{size}-{file.read()[:8].hex()}"
    except OSError:
        return None
