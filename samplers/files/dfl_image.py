"""Face data inside JPEG and PNG files: found, read and replaced without touching the picture (facesets.md 1.1-1.3).

The face data is one pickled dict, in an APP15 segment of a JPEG file. Everything else in the file is kept byte for byte.
"""

from __future__ import annotations

import io
from pathlib import Path

from samplers.files.atomic_file import write_atomically
from samplers.files.face_info import FaceInfo, face_info
from samplers.files.face_png import LARGEST_PAYLOAD as LARGEST_PNG_PAYLOAD
from samplers.files.face_png import is_png, read_png_face_info, read_png_fields, write_png_fields
from samplers.files.jpeg_segments import APP0, APP15, LARGEST_PAYLOAD, Segment, image_size, segment, segments
from samplers.files.pickles import safe_pickle
from samplers.files.pickles.safe_pickle import Damaged, UnsafePickle
from samplers.files.regular_file import read_regular


class NoFaceData(Exception):
    """A sound JPEG or PNG file without face data."""


class FaceDataTooLarge(Exception):
    """Face data that does not fit into a JPEG segment, or a PNG chunk."""

    def __init__(self, size: int, limit: int = LARGEST_PAYLOAD):
        super().__init__(f"{size} bytes of face data, {limit} fit")
        self.size = size


def read_fields(encoded: bytes, pieces: list[Segment] | None = None) -> dict:
    """The face data as it stands in a JPEG or PNG file; the last APP15 segment that is a dict counts.

    raises  NoFaceData, UnsafePickle where the face data is hostile, NotAJpeg, Damaged
    """
    if is_png(encoded):
        if fields := read_png_fields(io.BytesIO(encoded)):
            return fields
        raise NoFaceData
    pieces = segments(encoded) if pieces is None else pieces
    for piece in reversed([piece for piece in pieces if piece.marker == APP15]):
        fields = _dict_in(encoded[piece.payload_start : piece.end])
        if fields:
            return fields
    raise NoFaceData


def read_face_info(encoded: bytes) -> FaceInfo:
    """What the face data of a JPEG or PNG file says. Raises what `read_fields` raises, and NoLandmarks, UnknownFaceType."""
    if is_png(encoded):
        info = read_png_face_info(io.BytesIO(encoded))
        if info is None:
            raise NoFaceData
        return info
    pieces = segments(encoded)
    fields = read_fields(encoded, pieces)
    return face_info(fields, image_size(encoded, pieces))


def write_fields(encoded: bytes, fields: dict) -> bytes:
    """A JPEG or PNG file with `fields` as its face data and every other byte kept; unchanged fields give the same bytes.

    fields  keys whose value is None are left out
    raises  NotAJpeg, Damaged, FaceDataTooLarge
    """
    payload = safe_pickle.dumps({key: value for key, value in fields.items() if value is not None})
    limit = LARGEST_PNG_PAYLOAD if is_png(encoded) else LARGEST_PAYLOAD
    if len(payload) > limit:
        raise FaceDataTooLarge(len(payload), limit)
    if _holds(encoded, payload):
        return encoded
    return write_png_fields(encoded, payload) if is_png(encoded) else _write_segment(encoded, payload)


def _write_segment(jpeg: bytes, payload: bytes) -> bytes:
    pieces = segments(jpeg)
    kept = [piece for piece in pieces if piece.marker != APP15 or not _is_face_data(jpeg, piece)]
    place = max([index for index, piece in enumerate(kept) if APP0 <= piece.marker <= APP15], default=0) + 1
    parts = [jpeg[piece.start : piece.end] for piece in kept]
    parts.insert(place, segment(APP15, payload))
    return b"".join([*parts, jpeg[pieces[-1].end :]])


def write_face_info(path: Path, fields: dict) -> None:
    """Replace the face data of the file at `path`; the old file stays whole until the new one is complete."""
    encoded = read_regular(path)
    changed = write_fields(encoded, fields)
    if changed != encoded:
        write_atomically(path, [changed])


def _dict_in(payload: bytes) -> dict | None:
    """The dict pickled in `payload`; None where it is something else, as other programs' APP15 may be."""
    try:
        value = safe_pickle.loads(payload)
    except Damaged:
        return None
    return value if isinstance(value, dict) else None


def _is_face_data(jpeg: bytes, piece: Segment) -> bool:
    try:
        return _dict_in(jpeg[piece.payload_start : piece.end]) is not None
    except UnsafePickle:
        return True  # goes when the face data is replaced


def _holds(encoded: bytes, payload: bytes) -> bool:
    try:
        return safe_pickle.dumps(read_fields(encoded)) == payload
    except (NoFaceData, UnsafePickle):
        return False
