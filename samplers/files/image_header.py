"""Size and orientation of a picture, read from the beginning of a PNG or JPEG file without decoding it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from samplers.files.image_codec import PNG_START
from samplers.files.jpeg_segments import NotAJpeg, image_size, segments
from samplers.files.pickles.safe_pickle import Damaged

BEGINNING = 65536  # bytes; a JPEG with more in front of its size is read as a whole
APP1 = 0xE1
EXIF = b"Exif\0\0"
ORIENTATION = 0x0112  # tag of EXIF: 1 is upright, 2 to 8 turned or mirrored
ENTRY = 12  # bytes of a tag: number, type, count, value


class ImageHeader(NamedTuple):
    size: tuple[int, int]  # (width, height) of the stored pixels
    orientation: int = 1


def image_header(path: Path) -> ImageHeader | None:
    """None where the file is neither, or damaged. Raises OSError."""
    with path.open("rb") as file:
        content = file.read(BEGINNING)
        if content.startswith(PNG_START):
            return png_header(content)
        try:
            return jpeg_header(content)
        except NotAJpeg:
            return None
        except Damaged:
            content += file.read()
    try:
        return jpeg_header(content)
    except Damaged:
        return None


def png_header(content: bytes) -> ImageHeader | None:
    """Its EXIF data counts where it stands before the pixels."""
    size = int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    at, orientation = len(PNG_START), 1
    while at + 8 <= len(content) and content[at + 4 : at + 8] != b"IDAT":
        end = at + 8 + int.from_bytes(content[at : at + 4], "big")
        if content[at + 4 : at + 8] == b"eXIf":
            orientation = orientation_in(content[at + 8 : end])
        at = end + 4
    return ImageHeader(size, orientation) if all(size) else None


def jpeg_header(content: bytes) -> ImageHeader:
    """Raises NotAJpeg, Damaged."""
    pieces = segments(content)
    height, width = image_size(content, pieces)
    exif = (content[piece.payload_start : piece.end] for piece in pieces if piece.marker == APP1)
    found = next((data for data in exif if data.startswith(EXIF)), EXIF)
    return ImageHeader((width, height), orientation_in(found[len(EXIF) :]))


def orientation_in(exif: bytes) -> int:
    """1 to 8 as EXIF data (a TIFF file) says in its first directory; 1 where it does not."""
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(exif[:4])
    if order is None:
        return 1

    def number(at: int, count: int) -> int:
        return int.from_bytes(exif[at : at + count], order)

    directory = number(4, 4)
    for index in range(number(directory, 2)):
        at = directory + 2 + ENTRY * index
        if number(at, 2) == ORIENTATION:
            return value if 1 <= (value := number(at + 8, 2)) <= 8 else 1
    return 1
