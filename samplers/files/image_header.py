"""Size and orientation of a picture, read from a PNG, JPEG or TIFF file without decoding it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from samplers.files.image_codec import PNG_START
from samplers.files.jpeg_segments import NotAJpeg, image_size, segments
from samplers.files.pickles.safe_pickle import Damaged
from samplers.files.regular_file import open_regular, read_regular

BEGINNING = 65536  # bytes; a JPEG with more in front of its size is read as a whole
APP1 = 0xE1
EXIF = b"Exif\0\0"
ORIENTATION = 0x0112  # tag of EXIF: 1 is upright, 2 to 8 turned or mirrored
TIFF_ORDERS: dict[bytes, Literal["little", "big"]] = {
    b"II*\0": "little",
    b"MM\0*": "big",
    b"II+\0": "little",
    b"MM\0+": "big",
}
TIFF_WIDTH, TIFF_HEIGHT = 0x0100, 0x0101  # tags
NUMBERS = {3: 2, 4: 4, 16: 8}  # type of a tag -> bytes of its number


class ImageHeader(NamedTuple):
    size: tuple[int, int]  # (width, height) of the stored pixels
    orientation: int = 1


def image_header(path: Path) -> ImageHeader | None:
    """None where the file is neither, or damaged. Raises OSError."""
    with open_regular(path) as file:
        content = file.read(BEGINNING)
        if content.startswith(PNG_START):
            return png_header(content)
        try:
            return jpeg_header(content)
        except NotAJpeg:
            return None
        except Damaged:
            pass
    try:
        return jpeg_header(read_regular(path))
    except Damaged:
        return None


def header_in(content: bytes) -> ImageHeader | None:
    """That of a whole file, TIFF too; None where it is of another kind, or damaged."""
    if content.startswith(PNG_START):
        return png_header(content)
    if content[:4] in TIFF_ORDERS:
        return tiff_header(content)
    try:
        return jpeg_header(content)
    except (NotAJpeg, Damaged):
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


def tiff_header(content: bytes) -> ImageHeader | None:
    tags = first_directory(content)
    size = tags.get(TIFF_WIDTH, 0), tags.get(TIFF_HEIGHT, 0)
    return ImageHeader(size, orientation_in(content)) if all(size) else None


def orientation_in(exif: bytes) -> int:
    """1 to 8 as EXIF data (a TIFF file) says in its first directory; 1 where it does not."""
    value = first_directory(exif).get(ORIENTATION, 1)
    return value if 1 <= value <= 8 else 1


def first_directory(tiff: bytes) -> dict[int, int]:
    """Tags with one number of 16, 32 or 64 bits in the first directory of a TIFF or BigTIFF file; of repeated ones the first."""
    order = TIFF_ORDERS.get(tiff[:4])
    if order is None:
        return {}
    wide = b"+" in tiff[:4]  # BigTIFF
    at_start, of_count, of_entry, of_value = (8, 8, 20, 12) if wide else (4, 2, 12, 8)

    def number(at: int, count: int) -> int:
        return int.from_bytes(tiff[at : at + count], order)

    directory, tags = number(at_start, 8 if wide else 4), {}
    for at in range(directory + of_count, len(tiff), of_entry)[: number(directory, of_count)]:
        tags.setdefault(number(at, 2), number(at + of_value, NUMBERS.get(number(at + 2, 2), 2)))
    return tags
