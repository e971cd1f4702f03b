"""Faces of DeepFaceLab 1: PNG pictures with the face data, one pickled dict, in a chunk `fcWp`."""

from __future__ import annotations

import io
import zlib
from typing import BinaryIO

from samplers.files.face_info import FaceInfo, face_info
from samplers.files.image_codec import PNG_START, Chunk, png_chunks
from samplers.files.pickles import safe_pickle
from samplers.files.pickles.pickle_values import N_
from samplers.files.pickles.safe_pickle import Damaged

FACE_CHUNK = b"fcWp"
LARGEST_PAYLOAD = 2**22  # bytes; landmarks and a mask take less than 100 KB


def is_png(start: bytes) -> bool:
    """Whether a file that begins with these bytes is a PNG file."""
    return start.startswith(PNG_START)


def read_png_face_info(png: BinaryIO) -> FaceInfo | None:
    """What the face data of a PNG file says; None where it has none. Its pixels are not read.

    raises  Damaged, UnsafePickle, NoLandmarks, UnknownFaceType
    """
    chunks = _chunks(png)
    fields = _fields(png, chunks)
    if fields is None:
        return None
    png.seek(chunks[0].start)
    sides = png.read(8)
    width, height = int.from_bytes(sides[:4], "big"), int.from_bytes(sides[4:], "big")
    if not width or not height:
        raise Damaged(N_("no image size"))
    return face_info(fields, (height, width))


def read_png_fields(png: BinaryIO) -> dict | None:
    """The face data as it stands in a PNG file; None where it has none. Raises Damaged, UnsafePickle."""
    return _fields(png, _chunks(png))


def write_png_fields(png: bytes, payload: bytes) -> bytes:
    """`png` with the pickled `payload` as its face data, in the place of the old or before the end. Every other byte is kept."""
    chunks = _chunks(io.BytesIO(png))
    content = FACE_CHUNK + payload
    chunk = len(payload).to_bytes(4, "big") + content + zlib.crc32(content).to_bytes(4, "big")
    found = [each for each in chunks if each.kind == FACE_CHUNK]
    start = (found[0] if found else chunks[-1]).start - 8
    end = found[0].start + found[0].size + 4 if found else start
    return png[:start] + chunk + png[end:]


def _chunks(png: BinaryIO) -> list[Chunk]:
    chunks = png_chunks(png)
    if chunks[0].kind != b"IHDR" or chunks[0].size < 8:
        raise Damaged(N_("no image size"))
    return chunks


def _fields(png: BinaryIO, chunks: list[Chunk]) -> dict | None:
    found = next((chunk for chunk in chunks if chunk.kind == FACE_CHUNK), None)
    if found is None:
        return None
    if found.size > LARGEST_PAYLOAD:
        raise Damaged(N_("face data too large"))
    png.seek(found.start)
    fields = safe_pickle.loads(png.read(found.size))
    return fields if isinstance(fields, dict) and fields else None
