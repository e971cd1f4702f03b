"""`faceset.zip`: face pictures in a zip file, read where they are; nothing is unpacked to the disk.

The file may come from a stranger. Names are only shown. What a member declares is checked before a byte of it is
unpacked: its size, what it expands to for its length in the file, and that all members together fit into the file.
"""

from __future__ import annotations

import contextlib
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, NamedTuple

from samplers.files.dfl_pack import safe_name
from samplers.files.file_range import FileRange
from samplers.files.foreign_files import is_foreign
from samplers.files.pickles.pickle_values import N_
from samplers.files.pickles.safe_pickle import Damaged
from samplers.files.reason import Fault, Reason
from samplers.files.regular_file import check_regular, open_regular

ZIP_NAME = "faceset.zip"
LARGEST_MEMBER = 2**26  # bytes
LARGEST_LIST = 2**24  # bytes; 250,000 members
MOST_EXPANSION = 20  # a picture hardly shrinks in a zip file; a bomb does by 1000
SMALL = 2**16  # bytes; what expands to less harms nobody
LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, lengths of the name and of the extra field
ENCRYPTED = 0x1 | 0x40 | 0x2000  # bits of a member's flags
UTF8 = 0x800
ZIP_ERRORS = (
    *(zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, EOFError, OverflowError, IndexError),
    RuntimeError,
)


@dataclass(frozen=True, slots=True)
class ZipRange:
    """Where a compressed picture is in a zip file; read like a `FileRange`."""

    path: Path
    start: int
    packed_size: int
    size: int  # bytes unpacked, as declared; not one more is unpacked
    checksum: int

    def read(self) -> bytes:
        """The picture. Raises OSError, Damaged."""
        packed = FileRange(self.path, self.start, self.packed_size).read()
        try:
            unpacked = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, self.size)
        except zlib.error:
            raise Damaged(N_("cannot be unpacked")) from None
        if len(unpacked) != self.size or zlib.crc32(unpacked) != self.checksum:
            raise Damaged(N_("cannot be unpacked"))
        return unpacked


class ZipEntry(NamedTuple):
    """A picture in a zip file: where it is, or why it cannot be had."""

    name: str  # safe to show; with the person's folder before it where there is one
    place: FileRange | ZipRange | Reason


class ZipListing(NamedTuple):
    entries: list[ZipEntry]  # by name
    foreign: list[str]  # names that systems and editors left in it


def read_zip(path: Path, suffixes: set[str]) -> ZipListing:
    """The pictures (of these lowercase `suffixes`) in the zip file at `path`, their contents unread; Damaged, OSError."""
    size = check_regular(path).st_size
    try:
        with open_regular(path) as opened, zipfile.ZipFile(BoundedReads(opened)) as archive:
            members = [member for member in archive.infolist() if member.filename and not member.is_dir()]
    except ZIP_ERRORS:
        with open_regular(path) as file:
            raise Damaged("truncated" if file.read(2) == b"PK" else N_("not a zip file")) from None
    for member in members:
        member.filename = readable_name(member)
    foreign = [member.filename for member in members if any(map(is_foreign, PurePosixPath(member.filename).parts))]
    passed_over = set(foreign)
    pictures = [
        member
        for member in members
        if member.filename not in passed_over and PurePosixPath(member.filename).suffix.lower() in suffixes
    ]
    if sum(member.compress_size for member in pictures) > size:
        raise Damaged(N_("its members overlap"))
    names = safe_names([member.filename for member in pictures])
    with open_regular(path) as file:
        entries = [
            ZipEntry(name, _place(path, file, member, size)) for name, member in zip(names, pictures, strict=True)
        ]
    return ZipListing(sorted(entries, key=lambda entry: entry.name), foreign)


class BoundedReads:
    """An open file that gives no more at once than the list of members of a zip file ever takes, whatever that declares."""

    def __init__(self, file: BinaryIO):
        self.file = file

    def read(self, size: int = -1) -> bytes:
        if size > LARGEST_LIST:
            raise Damaged(N_("its list of members is too long"))
        return self.file.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


def readable_name(member: zipfile.ZipInfo) -> str:
    """Names without the flag of UTF-8 count as cp437; macOS writes UTF-8 there, Chinese Windows GBK."""
    if member.flag_bits & UTF8:
        return member.filename
    for encoding in ("utf-8", "gbk"):
        with contextlib.suppress(UnicodeError):
            return member.filename.encode("cp437").decode(encoding)
    return member.filename


def safe_names(members: list[str]) -> list[str]:
    """`name`, or `person/name` with the innermost folder where the pictures are in several ones."""
    parts = [("", *PurePosixPath(member.replace("\\", "/")).parts)[-2:] for member in members]
    several = len({folder for folder, _ in parts}) > 1
    return [safe_name(folder if several else None, name) for folder, name in parts]


def _place(path: Path, file, member: zipfile.ZipInfo, size: int) -> FileRange | ZipRange | Reason:
    if member.flag_bits & ENCRYPTED:
        return Reason(Fault.ENCRYPTED)
    if not member.file_size:
        return Reason(Fault.EMPTY)
    limit = max(SMALL, MOST_EXPANSION * member.compress_size)
    if member.file_size > min(limit, LARGEST_MEMBER):
        return Reason(Fault.EXPANDS, str(member.file_size))
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return Reason(Fault.COMPRESSION, str(member.compress_type))
    file.seek(member.header_offset)
    header = file.read(LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size or not header.startswith(b"PK\3\4"):
        return Reason(Fault.DAMAGED, N_("cannot be unpacked"))
    _, name, extra = LOCAL_HEADER.unpack(header)
    start = member.header_offset + LOCAL_HEADER.size + name + extra
    if start + member.compress_size > size:
        return Reason(Fault.TRUNCATED)
    if member.compress_type == zipfile.ZIP_STORED:
        return FileRange(path, start, member.compress_size)
    return ZipRange(path, start, member.compress_size, member.file_size, member.CRC)
