"""The faces of a folder, in the order of their names, and what was skipped (facesets.md 3.2)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from samplers.files.dfl_image import read_face_info
from samplers.files.dfl_pack import PACK_NAME, PackEntry, read_pack
from samplers.files.face import READ_ERRORS, Face, MarkOnly, Skipped, UnreadableImage, face_of, reason_of
from samplers.files.face_index import SMALLEST_SET, Indexed, Stamp, read_index, with_yaws, write_index
from samplers.files.face_info import face_info
from samplers.files.file_range import FileRange
from samplers.files.jpeg_segments import image_size, is_complete, segments
from samplers.files.reason import Fault, Reason
from samplers.files.safe_pickle import Damaged
from samplers.geometry.pose import estimate_pitch_yaw_roll

__all__ = [
    "FACE_SUFFIXES",
    "IMAGE_SUFFIXES",
    "READ_ERRORS",
    "Face",
    "Faceset",
    "Fault",
    "MarkOnly",
    "NoFaces",
    "NoFolder",
    "Reason",
    "Skipped",
    "UnreadableImage",
    "face_of",
    "open_faceset",
    "reason_of",
    "yaws",
]

FACE_SUFFIXES = {".jpg", ".jpeg"}
IMAGE_SUFFIXES = FACE_SUFFIXES | {".png", ".tif", ".tiff", ".bmp", ".webp"}
HEADER_BYTES = 2**17  # face data, EXIF and the frame header of nearly every file
TAIL_BYTES = 4096  # the end mark is here, unless much was appended
READERS = 4  # threads; more do not help, parsing holds the interpreter
REPORT_EVERY = 64  # faces between two calls of `on_progress`
GONE = Stamp(-1, -1)  # of a file that cannot be looked at


class NoFolder(Exception):
    """The folder of a face set does not exist."""

    def __init__(self, path: Path):
        super().__init__(str(path))
        self.path = path


class NoFaces(Exception):
    """A folder without a single usable face; `found` pictures were looked at."""

    def __init__(self, path: Path, *, found: int, skipped: list[Skipped]):
        super().__init__(f"{path}: {found} pictures, no faces")
        self.path, self.found, self.skipped = path, found, skipped


class Faceset(Sequence):
    """The faces of a folder in the order of their names, and what was skipped."""

    def __init__(self, folder: Path, rows: Sequence[Indexed]):
        self.folder = folder
        self._rows = list(rows)
        self.faces = [row.entry for row in rows if isinstance(row.entry, Face)]
        self.skipped = [row.entry for row in rows if isinstance(row.entry, Skipped)]

    def __len__(self) -> int:
        return len(self.faces)

    def __getitem__(self, index):
        return self.faces[index]

    def yaws(self) -> np.ndarray:
        """(N,) radians; computed once for a set and kept in its index."""
        found = np.array([row.yaw for row in self._rows if isinstance(row.entry, Face)])
        unknown = np.flatnonzero(np.isnan(found))
        found[unknown] = [_yaw(self.faces[index]) for index in unknown]
        if len(unknown):
            self._rows = with_yaws(self._rows, found)
            _keep(self.folder, self._rows)
        return found


def yaws(faces: Sequence[Face]) -> Sequence[float]:
    """Which way each face looks, in radians; fast for a `Faceset` that has been asked before."""
    return faces.yaws() if isinstance(faces, Faceset) else [_yaw(face) for face in faces]


def _yaw(face: Face) -> float:
    """A face whose landmarks have no pose counts as looking into the camera."""
    try:
        yaw = estimate_pitch_yaw_roll(face.landmarks, face.shape[1]).yaw
    except cv2.error:
        return 0.0
    return yaw if np.isfinite(yaw) else 0.0


def open_faceset(folder: Path | str, on_progress: Callable[[int, int], None] | None = None) -> Faceset:
    """The faces in `folder`: of its `faceset.pak` if there is one, else of its JPEG files.

    on_progress  called now and then with how many pictures of how many were looked at
    raises       NoFolder, NoFaces
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise NoFolder(folder)
    rows = _rows(folder, on_progress or (lambda done, total: None))
    faceset = Faceset(folder, rows)
    if not faceset:
        raise NoFaces(folder, found=len(rows), skipped=faceset.skipped)
    return faceset


def _rows(folder: Path, on_progress: Callable[[int, int], None]) -> list[Indexed]:
    known = read_index(folder)
    pack = folder / PACK_NAME
    if pack.exists():
        stamp = _stamp(pack)
        if known and all(row.stamp == stamp for row in known):
            rows = known
        else:
            rows = [Indexed(stamp, entry) for entry in _packed_entries(pack)]
        on_progress(len(rows), len(rows))
    else:
        rows = _file_rows(folder, known, on_progress)
    unchanged = {id(row) for row in known}
    if any(id(row) not in unchanged for row in rows):
        _keep(folder, rows)
    return rows


def _keep(folder: Path, rows: Sequence[Indexed]) -> None:
    if len(rows) >= SMALLEST_SET:
        write_index(folder, rows, packed=(folder / PACK_NAME).exists())


def _stamp(file: os.DirEntry | Path) -> Stamp:
    try:
        facts = file.stat()
    except OSError:
        return GONE
    return Stamp(facts.st_size, facts.st_mtime_ns)


def _file_rows(folder: Path, known: list[Indexed], on_progress: Callable[[int, int], None]) -> list[Indexed]:
    """The pictures of a folder: from the index where their files are unchanged, else read."""
    with os.scandir(folder) as listing:
        files = [(file.name, _stamp(file)) for file in listing if _suffix(file.name) in IMAGE_SUFFIXES]
    files.sort()
    by_name = {row.entry.name: row for row in known}
    rows = [by_name.get(name) for name, _ in files]
    changed = [
        number
        for number, (row, (_, stamp)) in enumerate(zip(rows, files, strict=True))
        if row is None or row.stamp != stamp or stamp == GONE
    ]
    paths = [folder / files[number][0] for number in changed]
    same = len(files) - len(changed)
    entries = _read_all(paths, lambda done, _: on_progress(same + done, len(files)))
    for number, entry in zip(changed, entries, strict=True):
        rows[number] = Indexed(files[number][1], entry)
    return rows


def _suffix(name: str) -> str:
    return Path(name).suffix.lower()


def _packed_entries(pack: Path) -> list[Face | Skipped]:
    try:
        packed = read_pack(pack)
    except READ_ERRORS as fact:
        return [Skipped(PACK_NAME, reason_of(fact))]
    return [_packed_face(entry) for entry in packed]


def _packed_face(entry: PackEntry) -> Face | Skipped:
    try:
        jpeg = b"" if entry.shape else entry.jpeg.read()
        info = face_info(entry.fields, entry.shape or image_size(jpeg, segments(jpeg)))
        return face_of(info, entry.name, entry.jpeg, packed_mask=entry.mask)
    except READ_ERRORS as fact:
        return Skipped(entry.name, reason_of(fact))


def _read_all(paths: list[Path], on_progress: Callable[[int, int], None]) -> list[Face | Skipped]:
    entries: list[Face | Skipped] = []
    with ThreadPoolExecutor(READERS) as readers:
        for entry in readers.map(_read_one, paths):
            entries.append(entry)
            if len(entries) % REPORT_EVERY == 0 or len(entries) == len(paths):
                on_progress(len(entries), len(paths))
    return entries


def _read_one(path: Path) -> Face | Skipped:
    if path.suffix.lower() not in FACE_SUFFIXES:
        return Skipped(path.name, Reason(Fault.NO_FACE_DATA))
    try:
        return _read_face(path)
    except READ_ERRORS as fact:
        return Skipped(path.name, reason_of(fact))


def _read_face(path: Path) -> Face:
    with path.open("rb") as file:
        start = file.read(HEADER_BYTES)
        size = file.seek(0, 2)
        file.seek(max(size - TAIL_BYTES, 0))
        tail = file.read()
    try:
        info = read_face_info(start)
    except Damaged:
        info = read_face_info(path.read_bytes())  # more than 128 KB before the first scan, or damaged indeed
    if not is_complete(tail) and not is_complete(path.read_bytes()):
        raise Damaged("truncated")
    return face_of(info, path.name, FileRange(path))
