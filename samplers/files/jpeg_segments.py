"""The outer form of a JPEG file: its segments, and the size of the picture, without decoding it."""

from __future__ import annotations

from dataclasses import dataclass

from samplers.files.pickles.pickle_values import N_, Damaged

START, END, SCAN, APP0, APP15 = 0xD8, 0xD9, 0xDA, 0xE0, 0xEF
SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # frame headers: height and width are in them
BARE = {0x01, *range(0xD0, 0xD8)}  # TEM and RST0-7 have no length
LARGEST_PAYLOAD = 65533  # bytes of one segment


class NotAJpeg(Exception):
    """The bytes do not begin as a JPEG file does."""


@dataclass(frozen=True)
class Segment:
    """A piece of a JPEG file: bytes `start` to `end`, its marker and length bytes included."""

    marker: int
    start: int
    end: int
    payload_start: int  # = end where the segment has none


def segments(jpeg: bytes) -> list[Segment]:
    """The pieces up to and including the header of the first scan; what follows is pixels.

    raises  NotAJpeg; Damaged("truncated") where the file ends early, Damaged where a marker is missing
    """
    if jpeg[:2] != b"\xff\xd8":
        raise NotAJpeg
    found = [Segment(START, 0, 2, 2)]
    while found[-1].marker not in (SCAN, END):
        found.append(_segment_at(jpeg, found[-1].end))
    return found


def _segment_at(jpeg: bytes, start: int) -> Segment:
    if jpeg[start : start + 1] not in (b"\xff", b""):
        raise Damaged(N_("garbled segments"))
    at = start
    while jpeg[at + 1 : at + 2] == b"\xff":
        at += 1  # fill bytes before a marker
    if at + 2 > len(jpeg):
        raise Damaged("truncated")
    marker, payload_start = jpeg[at + 1], at + 2
    end = payload_start
    if marker not in BARE and marker != END:
        end = payload_start + max(int.from_bytes(jpeg[payload_start : payload_start + 2], "big"), 2)
        payload_start += 2
    if end > len(jpeg):
        raise Damaged("truncated")
    return Segment(marker, start, end, payload_start)


def image_size(jpeg: bytes, pieces: list[Segment]) -> tuple[int, int]:
    """(height, width) as the frame header says, without decoding; Damaged without one."""
    for piece in pieces:
        header = jpeg[piece.payload_start : piece.end]
        if piece.marker in SIZES and len(header) >= 5:
            height, width = int.from_bytes(header[1:3], "big"), int.from_bytes(header[3:5], "big")
            if height and width:
                return height, width
    raise Damaged(N_("no image size"))


def segment(marker: int, payload: bytes) -> bytes:
    """The bytes of a segment; `payload` holds at most `LARGEST_PAYLOAD` bytes."""
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload


def is_complete(tail: bytes) -> bool:
    """Whether the end mark is in the last part of a file; without it pixels are missing."""
    return tail.rfind(b"\xff\xd9") >= 0
