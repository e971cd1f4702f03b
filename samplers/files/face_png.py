"""Faces of DeepFaceLab 1: PNG pictures with the face data, one pickled dict, in a chunk `fcWp`."""

from __future__ import annotations

from typing import BinaryIO

from samplers.files.face_info import FaceInfo, face_info
from samplers.files.image_codec import PNG_START, png_chunks
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
    chunks = png_chunks(png)
    header, *_ = chunks
    if header.kind != b"IHDR" or header.size < 8:
        raise Damaged(N_("no image size"))
    found = next((chunk for chunk in chunks if chunk.kind == FACE_CHUNK), None)
    if found is None:
        return None
    if found.size > LARGEST_PAYLOAD:
        raise Damaged(N_("face data too large"))
    png.seek(found.start)
    fields = safe_pickle.loads(png.read(found.size))
    if not isinstance(fields, dict) or not fields:
        return None
    png.seek(header.start)
    sides = png.read(8)
    width, height = int.from_bytes(sides[:4], "big"), int.from_bytes(sides[4:], "big")
    if not width or not height:
        raise Damaged(N_("no image size"))
    return face_info(fields, (height, width))
