"""Encoded pictures of strangers: their size is looked at before they are decoded."""

from __future__ import annotations

import io
from typing import BinaryIO, NamedTuple

import cv2
import numpy as np

from samplers.files.jpeg_segments import NotAJpeg, image_size, is_complete, segments
from samplers.files.pickles.pickle_values import N_, Damaged

LARGEST_SIDE = 8192  # pixels; a few bytes can declare far more, and decoding would take gigabytes
PNG_START = b"\x89PNG\r\n\x1a\n"
ANIMATION = {b"acTL", b"fcTL", b"fdAT"}


class Chunk(NamedTuple):
    """A piece of a PNG file; its contents are the bytes `start` to `start + size`."""

    kind: bytes
    start: int
    size: int


class ImageTooLarge(Exception):
    """A picture that declares a side above `LARGEST_SIDE`."""

    def __init__(self, height: int, width: int):
        super().__init__(f"{width}x{height}")
        self.height, self.width = height, width


def check_size(size: tuple[int, int]) -> tuple[int, int]:
    """`size` (height, width) unchanged; ImageTooLarge beyond the limit."""
    if max(size) > LARGEST_SIDE:
        raise ImageTooLarge(*size)
    return size


def png_chunks(png: BinaryIO) -> list[Chunk]:
    """The chunks of a PNG file up to its end, their contents unread; Damaged("truncated") where they run out of the file."""
    length = png.seek(0, io.SEEK_END)
    start, found = len(PNG_START), []
    while not found or found[-1].kind != b"IEND":
        png.seek(start)
        head = png.read(8)
        size = int.from_bytes(head[:4], "big")
        if start + size + 12 > length or len(head) < 8:
            raise Damaged("truncated")
        found.append(Chunk(head[4:], start + 8, size))
        start += size + 12
    return found


def is_truncated(encoded: bytes) -> bool:
    """Whether the end of a PNG or JPEG file is missing; False for files of other kinds, and for those that are garbled."""
    try:
        if encoded.startswith(PNG_START):
            png_chunks(io.BytesIO(encoded))
            return False
        return not is_complete(encoded[segments(encoded)[-1].end :])
    except NotAJpeg:
        return False
    except Damaged as error:
        return error.reason == "truncated"


def check_chunks(png: bytes) -> None:
    """Damaged unless a PNG file is a header, chunks that lie inside it, and an end; one still picture.

    The decoder takes the memory that a chunk's length asks for, up to 4 GB, before it looks whether the bytes are there.
    """
    kinds = [chunk.kind for chunk in png_chunks(io.BytesIO(png))]
    if kinds[0] != b"IHDR" or ANIMATION.intersection(kinds):
        raise Damaged(N_("not a still PNG image"))


def decode(encoded: bytes) -> np.ndarray:
    """A JPEG or PNG picture as stored, (H, W) or (H, W, C), not turned by EXIF; Damaged, NotAJpeg, ImageTooLarge."""
    if encoded[:8] == PNG_START:
        check_chunks(encoded)
        check_size((int.from_bytes(encoded[20:24], "big"), int.from_bytes(encoded[16:20], "big")))
    else:
        pieces = segments(encoded)
        check_size(image_size(encoded, pieces))
        if not is_complete(encoded[pieces[-1].end :]):
            raise Damaged("truncated")
    try:
        decoded = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        decoded = None
    if decoded is None:
        raise Damaged(N_("cannot be decoded"))
    return decoded


def decode_bgr(encoded: bytes) -> np.ndarray:
    """A JPEG or PNG picture as (H, W, 3) uint8 BGR: grey is expanded, alpha dropped. Raises what `decode` raises."""
    decoded = decode(encoded)
    if decoded.dtype != np.uint8:
        decoded = (decoded // 257).astype(np.uint8)  # a PNG of 16 bits
    if decoded.ndim == 2 or decoded.shape[2] == 1:
        return cv2.cvtColor(decoded, cv2.COLOR_GRAY2BGR)
    return np.ascontiguousarray(decoded[..., :3])


def decode_mask(encoded: bytes) -> np.ndarray:
    """A stored mask as (H, W, 1) float32 0..1: its first channel. Raises what `decode` raises."""
    decoded = decode(encoded)
    return decoded.reshape((*decoded.shape[:2], -1))[..., :1].astype(np.float32) / 255
