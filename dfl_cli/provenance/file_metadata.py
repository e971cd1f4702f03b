"""Where files carry XMP packets and C2PA manifests: PNG, JPEG, MP4 and its relatives; in any other file by searching for a packet.

Files come from anywhere: no size that a file states is taken on trust, nothing larger than `LARGEST_PACKET` is read into memory.
"""

import errno
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from dfl_cli.provenance.claim import LARGEST_PACKET
from samplers.files.regular_file import open_regular

PNG_START = b"\x89PNG\r\n\x1a\n"
PNG_HEADER_END = 33  # signature and IHDR
PNG_KEYWORD = b"XML:com.adobe.xmp\0"
JPEG_KEYWORD = b"http://ns.adobe.com/xap/1.0/\0"
UUID_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
UUID_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
STILL_BRANDS = {
    b"avif",
    b"avis",
    b"heic",
    b"heix",
    b"mif1",
    b"msf1",
}  # pictures in MP4's clothes keep XMP among the pixels
MATROSKA_START = b"\x1a\x45\xdf\xa3"
PACKET_BEGIN, PACKET_END = b"<x:xmpmeta", b"</x:xmpmeta>"
BLOCK = 1 << 20


class DamagedFile(Exception):
    """The file ends early or its pieces do not fit together."""


class FileMetadata(NamedTuple):
    """What a file carries."""

    kind: str  # PNG, JPEG, MP4, Matroska, or "" for any other
    packet: bytes | None  # XMP
    manifest: bool  # whether there is a C2PA manifest


def search(path: Path) -> FileMetadata:
    """What the file at `path` carries. Raises DamagedFile, OSError."""
    with open_regular(path) as file:
        start = file.read(12)
        if start.startswith(PNG_START):
            return collect("PNG", png_pieces(file))
        if start.startswith(b"\xff\xd8"):
            return collect("JPEG", jpeg_pieces(file))
        if start[4:8] == b"ftyp" and start[8:12] not in STILL_BRANDS:
            return collect("MP4", box_pieces(file))
        kind = "Matroska" if start.startswith(MATROSKA_START) else ""
        return FileMetadata(kind, scan(file), manifest=False)


def collect(kind: str, pieces: Iterator[tuple[str, bytes]]) -> FileMetadata:
    """The first packet of `pieces` ("xmp" or "c2pa", content), and whether a manifest is among them."""
    packet, manifest = None, False
    for what, content in pieces:
        manifest = manifest or what == "c2pa"
        packet = content if what == "xmp" and packet is None else packet
    return FileMetadata(kind, packet, manifest)


def png_pieces(file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Chunk by chunk; pixels are passed over."""
    end = size_of(file)
    at, kind = len(PNG_START), b""
    while kind != b"IEND":
        head = read_at(file, at, 8)
        length, kind = head[:4], head[4:]
        content_at, at = at + 8, at + 12 + int.from_bytes(length, "big")
        if at > end:
            raise DamagedFile
        if kind == b"caBX":
            yield "c2pa", b""
        if kind == b"iTXt" and at - content_at - 4 <= LARGEST_PACKET:
            text = read_at(file, content_at, at - content_at - 4)
            if text.startswith(PNG_KEYWORD):
                yield "xmp", international_text(text[len(PNG_KEYWORD) :])


def international_text(text: bytes) -> bytes:
    """The text of an iTXt chunk behind its keyword: flags, two empty names, then the text, compressed or not."""
    compressed, rest = text[:1] == b"\1", text[2:]
    for _ in range(2):
        rest = rest.partition(b"\0")[2]
    if not compressed:
        return rest
    try:
        return zlib.decompressobj().decompress(rest, LARGEST_PACKET)
    except zlib.error as error:
        raise DamagedFile from error


def jpeg_pieces(file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Segment by segment up to the first scan."""
    at = 2
    while True:
        mark = read_at(file, at, 4)
        if mark[0] != 0xFF:
            raise DamagedFile
        if mark[1] == 0xFF:  # a fill byte
            at += 1
            continue
        if mark[1] in (0xDA, 0xD9):
            return
        content = read_at(file, at + 4, max(int.from_bytes(mark[2:], "big") - 2, 0))
        if mark[1] == 0xE1 and content.startswith(JPEG_KEYWORD):
            yield "xmp", content[len(JPEG_KEYWORD) :]
        if mark[1] == 0xEB and content[:2] == b"JP" and b"c2pa" in content:
            yield "c2pa", b""
        at += 4 + len(content)


def box_pieces(file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """The boxes of an MP4 or QuickTime file; of those inside others only moov/udta/XMP_, QuickTime's place for a packet."""
    yield from boxes_between(file, 0, size_of(file), way=(b"moov", b"udta"))


def boxes_between(file: BinaryIO, at: int, end: int, *, way: tuple[bytes, ...]) -> Iterator[tuple[str, bytes]]:
    """The boxes from `at` to `end`; `way` is which box to enter here, and which in that one."""
    while at + 8 <= end:
        head = read_at(file, at, 8)
        size, kind, content_at = int.from_bytes(head[:4], "big"), head[4:], at + 8
        if size == 1:
            size, content_at = int.from_bytes(read_at(file, at + 8, 8), "big"), at + 16
        if size == 0:
            size = end - at
        if size < content_at - at or at + size > end:
            raise DamagedFile
        at += size
        if kind in way[:1]:
            yield from boxes_between(file, content_at, at, way=way[1:])
        elif kind == b"XMP_" and not way and at - content_at <= LARGEST_PACKET:
            yield "xmp", read_at(file, content_at, at - content_at)
        elif kind == b"uuid" and at - content_at >= 16:
            yield from known_uuid(file, content_at, at)


def known_uuid(file: BinaryIO, at: int, end: int) -> Iterator[tuple[str, bytes]]:
    identity = read_at(file, at, 16)
    if identity == UUID_C2PA:
        yield "c2pa", b""
    if identity == UUID_XMP and end - at - 16 <= LARGEST_PACKET:
        yield "xmp", read_at(file, at + 16, end - at - 16)


def scan(file: BinaryIO) -> bytes | None:
    """The first XMP packet in a file of any kind, found by its first and last word as the XMP standard (part 3) describes."""
    at, block = 0, b""
    while (at := next_data(file, at)) is not None:
        file.seek(at)
        fresh = file.read(BLOCK)
        at += len(fresh)
        block = block[-len(PACKET_BEGIN) :] + fresh
        start = block.find(PACKET_BEGIN)
        if start >= 0:
            packet = block[start:] + file.read(LARGEST_PACKET)
            end = packet.find(PACKET_END)
            return packet[: end + len(PACKET_END)] if 0 <= end < LARGEST_PACKET else None
    return None


def next_data(file: BinaryIO, at: int) -> int | None:
    """The next place from `at` on with something written: a sparse file of a few bytes may declare a terabyte. None at the end."""
    try:
        return os.lseek(file.fileno(), at, os.SEEK_DATA)
    except AttributeError:  # a system without it
        return at if at < size_of(file) else None
    except OSError as error:
        if error.errno == errno.ENXIO:  # nothing more
            return None
        return at if at < size_of(file) else None  # a file system without it


def png_with(png: bytes, packet: bytes) -> bytes:
    """The PNG file `png` with an XMP packet behind its header; its pixels stay as they are."""
    body = b"iTXt" + PNG_KEYWORD + bytes(4) + packet
    length, check = (len(body) - 4).to_bytes(4, "big"), zlib.crc32(body).to_bytes(4, "big")
    return b"".join([png[:PNG_HEADER_END], length, body, check, png[PNG_HEADER_END:]])


def append_box(path: Path, packet: bytes) -> None:
    """Put an XMP packet at the end of an MP4 or QuickTime file, in the box the XMP standard gives it."""
    with path.open("ab") as file:
        file.write((24 + len(packet)).to_bytes(4, "big") + b"uuid" + UUID_XMP + packet)


def size_of(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)


def read_at(file: BinaryIO, at: int, count: int) -> bytes:
    """Exactly `count` bytes. Raises DamagedFile."""
    file.seek(at)
    content = file.read(count)
    if len(content) < count:
        raise DamagedFile
    return content
