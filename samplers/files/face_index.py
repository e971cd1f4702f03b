"""What was read of a face set, kept beside it, so that the next start need not open every file.

    "dfl faces 2\\n", 32 bytes blake2b of what follows the next field, u64 length of the header, the header as JSON,
    one `ROW` for each picture, the points of all polygons as float32 pairs

Numbers and texts only: nothing in it can run. It may come with a stranger's face set, so every number is checked, and
one that is damaged or says what cannot be counts as none. A picture is looked up by name, size and time of change.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from samplers.files.atomic_file import write_atomically
from samplers.files.dfl_pack import PACK_NAME
from samplers.files.face import Face, Skipped
from samplers.files.file_range import FileRange
from samplers.files.image_codec import LARGEST_SIDE
from samplers.files.reason import Fault, Reason
from samplers.files.regular_file import open_regular
from samplers.geometry.face_types import FaceType
from samplers.geometry.landmarks import FARTHEST
from samplers.geometry.polygons import Polygon, PolygonType

INDEX_NAME = ".dfl-faces.index"
SMALLEST_SET = 256  # pictures; fewer are read as fast as an index is
MAGIC = b"dfl faces 2\n"
DIGEST_BYTES = 32
HEAD_BYTES = len(MAGIC) + DIGEST_BYTES + 8
ROWS_AT_ONCE = 4096
NONE = -1
ROW = np.dtype(
    [
        ("bytes", "<i8"),  # of the file the picture is in
        ("modified", "<i8"),  # ns, of that file
        ("start", "<i8"),
        ("size", "<i8"),
        ("mask_start", "<i8"),
        ("mask_size", "<i8"),
        ("landmarks", "<f8", (68, 2)),
        ("eyebrows", "<f8"),
        ("yaw", "<f8"),
        ("height", "<i4"),
        ("width", "<i4"),
        ("face_type", "<i4"),
        ("source", "<i4"),  # number of a text, as `reason`; NONE without one
        ("reason", "<i4"),  # why it is skipped
        ("has_xseg_mask", "<i4"),
    ]
)
USABLE = [kind.value for kind in FaceType if kind != FaceType.MARK_ONLY]


class Stamp(NamedTuple):
    """What tells that a file is still the same."""

    bytes: int
    modified: int  # ns


@dataclass(frozen=True, slots=True)
class Indexed:
    """A picture of a set, its file's stamp when it was read, and its yaw where that is known."""

    stamp: Stamp
    entry: Face | Skipped
    yaw: float = math.nan  # radians


class _Damaged(Exception):
    """The index contradicts itself."""


def read_index(folder: Path) -> list[Indexed]:
    """What is known about the pictures in `folder`; empty without an index, or with one that cannot be trusted."""
    try:
        with open_regular(folder / INDEX_NAME) as file:
            header, rows, points = _parts_of(file)
        return _indexed(header, rows, points, folder)
    except (OSError, _Damaged, ValueError, KeyError, TypeError, RecursionError):
        return []


def _parts_of(file: BinaryIO) -> tuple[dict, np.ndarray, np.ndarray]:
    """Header, rows and points of polygons, as they were written to the byte."""
    size = os.fstat(file.fileno()).st_size
    head = file.read(HEAD_BYTES)
    if len(head) < HEAD_BYTES or not head.startswith(MAGIC):
        raise _Damaged
    length = int.from_bytes(head[-8:], "little")
    if length > size - HEAD_BYTES:
        raise _Damaged
    encoded = file.read(length)
    header = json.loads(encoded)
    rest = size - HEAD_BYTES - length - len(header["names"]) * ROW.itemsize
    if rest < 0 or rest % 8:
        raise _Damaged
    rows = np.fromfile(file, ROW, len(header["names"]))
    points = np.fromfile(file, "<f4", rest // 4)
    if head[len(MAGIC) : -8] != _digest([encoded, rows.view(np.uint8), points.view(np.uint8)]):
        raise _Damaged
    return header, rows, points.reshape(-1, 2)


def _digest(pieces: Iterable) -> bytes:
    state = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for piece in pieces:
        state.update(piece)
    return state.digest()


def _indexed(header: dict, rows: np.ndarray, points: np.ndarray, folder: Path) -> list[Indexed]:
    names, texts = header["names"], header["texts"]
    if not _are_texts(names) or not _are_texts(texts) or not _sound(rows, len(texts)):
        raise _Damaged
    polygons = _polygons_by_row(header["polygons"], points)
    pack = folder / PACK_NAME if header["pack"] else None
    return _entries(rows, names, texts, polygons, folder=folder, pack=pack)


def _are_texts(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(each, str) and len(each) < 4096 for each in values)


def _sound(rows: np.ndarray, texts: int) -> bool:
    """Whether every number of every row is one that reading a picture could have given."""
    faces = rows[rows["reason"] == NONE]
    numbers = rows["reason"], rows["source"]
    sizes = faces["height"], faces["width"]
    return bool(
        all((each >= NONE).all() and (each < texts).all() for each in numbers)
        and (np.abs(faces["landmarks"]) <= FARTHEST).all()
        and np.isfinite(faces["eyebrows"]).all()
        and all((each > 0).all() and (each <= LARGEST_SIDE).all() for each in sizes)
        and np.isin(faces["face_type"], USABLE).all()
        and all(
            (rows[name] >= NONE).all() for name in ("bytes", "modified", "start", "size", "mask_start", "mask_size")
        )
    )


def _polygons_by_row(polygons: list, points: np.ndarray) -> dict[int, tuple[Polygon, ...]]:
    """`polygons` are (row, type, number of points), their points one after the other."""
    if not (np.abs(points) <= FARTHEST).all():
        raise _Damaged
    by_row: dict[int, tuple[Polygon, ...]] = {}
    start = 0
    for row, kind, count in polygons:
        part = points[start : start + count].copy()
        if count < 0 or len(part) != count:
            raise _Damaged
        by_row[row] = (*by_row.get(row, ()), Polygon(PolygonType(kind), part))
        start += count
    return by_row


def _entries(
    rows: np.ndarray, names: list[str], texts: list[str], polygons: dict, *, folder: Path, pack: Path | None
) -> list[Indexed]:
    types = {kind.value: kind for kind in FaceType}
    columns = zip(*(rows[name].tolist() for name in ROW.names if name != "landmarks"), strict=True)
    found = []
    for number, (name, landmarks, row) in enumerate(zip(names, rows["landmarks"], columns, strict=True)):
        (
            length,
            modified,
            start,
            size,
            mask_start,
            mask_size,
            eyebrows,
            yaw,
            height,
            width,
            kind,
            source,
            reason,
            xseg,
        ) = row
        entry: Face | Skipped
        if reason != NONE:
            entry = Skipped(name, Reason.parse(texts[reason]))
        else:
            entry = Face(
                name=name,
                face_type=types[kind],
                landmarks=landmarks,  # a view: one block holds those of all faces
                shape=(height, width),
                eyebrows_expand_mod=eyebrows,
                source_filename=None if source == NONE else texts[source],
                polygons=polygons.get(number, ()),
                has_xseg_mask=bool(xseg),
                file_range=FileRange(folder / name) if pack is None else FileRange(pack, start, size),
                packed_mask=None if pack is None or mask_size == NONE else FileRange(pack, mask_start, mask_size),
            )
        found.append(Indexed(Stamp(length, modified), entry, yaw))
    return found


def write_index(folder: Path, rows: Sequence[Indexed], *, packed: bool) -> None:
    """Keep `rows` beside the pictures in `folder`; silently not, where nothing can be written there.

    Pictures that could not be read are left out, to be tried again; so is a pack with masks that are in no file.
    """
    rows = [row for row in rows if not (isinstance(row.entry, Skipped) and row.entry.reason.fault is Fault.UNREADABLE)]
    faces = [row.entry for row in rows if isinstance(row.entry, Face)]
    if any(isinstance(face.packed_mask, bytes) for face in faces):
        return
    texts = {text: number for number, text in enumerate(dict.fromkeys(map(_text, rows)))}
    polygons = [
        (number, polygon)
        for number, row in enumerate(rows)
        if isinstance(row.entry, Face)
        for polygon in row.entry.polygons
    ]
    header = {
        "pack": packed,
        "names": [row.entry.name for row in rows],
        "texts": list(texts),
        "polygons": [(number, int(polygon.type), len(polygon.points)) for number, polygon in polygons],
    }
    encoded = json.dumps(header).encode()

    def pieces() -> Iterator[bytes]:
        yield encoded
        for start in range(0, len(rows), ROWS_AT_ONCE):
            yield np.array([_row(row, texts) for row in rows[start : start + ROWS_AT_ONCE]], ROW).tobytes()
        for _, polygon in polygons:
            yield np.asarray(polygon.points, "<f4").tobytes()

    head = MAGIC + _digest(pieces()) + len(encoded).to_bytes(8, "little")
    try:
        write_atomically(folder / INDEX_NAME, itertools.chain([head], pieces()))
    except OSError:
        return


def _text(row: Indexed) -> str:
    """The text of a row that is no name: why it is skipped, or of which frame it is."""
    return str(row.entry.reason) if isinstance(row.entry, Skipped) else row.entry.source_filename or ""


def _row(indexed: Indexed, texts: dict[str, int]) -> tuple:
    entry, stamp = indexed.entry, indexed.stamp
    if isinstance(entry, Skipped):
        return (*stamp, *[NONE] * 4, np.zeros((68, 2)), 1.0, math.nan, 0, 0, 0, NONE, texts[str(entry.reason)], 0)
    mask = entry.packed_mask if isinstance(entry.packed_mask, FileRange) else FileRange(Path(), NONE, NONE)
    return (
        *stamp,
        *(
            entry.file_range.start,
            NONE if entry.file_range.size is None else entry.file_range.size,
            mask.start,
            mask.size,
        ),
        *(entry.landmarks, entry.eyebrows_expand_mod, indexed.yaw, *entry.shape, int(entry.face_type)),
        *(NONE if entry.source_filename is None else texts[_text(indexed)], NONE, entry.has_xseg_mask),
    )


def with_yaws(rows: Sequence[Indexed], yaws: Sequence[float]) -> list[Indexed]:
    """`rows` with `yaws` given to their faces in order."""
    given = iter(yaws)
    return [
        Indexed(row.stamp, row.entry, float(next(given)) if isinstance(row.entry, Face) else math.nan) for row in rows
    ]
