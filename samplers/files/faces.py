"""The faces of a folder, in the order of their names, and what was skipped (facesets.md 3.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from enum import Enum
from functools import partial
from itertools import chain
from pathlib import Path

import cv2
import numpy as np

from samplers.files.dfl_image import NoFaceData, read_face_info
from samplers.files.dfl_pack import PACK_NAME, PackEntry, read_pack
from samplers.files.face import READ_ERRORS, EmptyFile, Face, MarkOnly, Skipped, UnreadableImage, face_of, reason_of
from samplers.files.face_folder import FACE_SUFFIXES, GONE, IMAGE_SUFFIXES, FaceFolder, list_folder, stamp_of
from samplers.files.face_index import SMALLEST_SET, Indexed, Stamp, read_index, with_yaws, write_index
from samplers.files.face_info import face_info
from samplers.files.face_png import is_png, read_png_face_info
from samplers.files.face_zip import ZIP_NAME, ZipEntry, read_zip
from samplers.files.file_range import FileRange
from samplers.files.jpeg_segments import image_size, is_complete, segments
from samplers.files.pickles.safe_pickle import Damaged
from samplers.files.reason import Fault, Reason
from samplers.files.regular_file import check_regular, open_regular, read_regular
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
    "Prefer",
    "Reason",
    "Skipped",
    "Source",
    "UnreadableImage",
    "face_of",
    "open_faceset",
    "reason_of",
    "yaws",
]

HEADER_BYTES = 2**17  # face data, EXIF and the frame header of nearly every file
TAIL_BYTES = 4096  # the end mark is here, unless much was appended
READERS = 4  # threads; more do not help, parsing holds the interpreter
REPORT_EVERY = 64  # faces between two calls of `on_progress`


class Source(Enum):
    """What the faces of a set are read from."""

    PACK = PACK_NAME
    ZIP = ZIP_NAME
    FILES = "files"
    PERSONS = "persons"  # image files in folders of persons


class Prefer(Enum):
    """What is used of a folder that has both a pack and image files."""

    PACK = "pack"
    FILES = "files"


class NoFolder(Exception):
    """The folder of a face set does not exist."""

    def __init__(self, path: Path):
        super().__init__(str(path))
        self.path = path


class NoFaces(Exception):
    """A folder without a single usable face; `found` pictures were looked at."""

    def __init__(self, path: Path, *, found: int, skipped: list[Skipped], foreign: Sequence[str] = ()):
        super().__init__(f"{path}: {found} pictures, no faces")
        self.path, self.found, self.skipped, self.foreign = path, found, skipped, list(foreign)


class Faceset(Sequence):
    """The faces of a folder in the order of their names, and what was skipped."""

    def __init__(
        self,
        folder: Path,
        rows: Sequence[Indexed],
        *,
        source: Source,
        contents: FaceFolder,
        unusable: Mapping[Source, list[Skipped]],
        foreign: Sequence[str] = (),
    ):
        self.folder, self.source = folder, source
        self.contents = contents  # what the folder holds besides
        self.unusable = dict(unusable)  # tried first, and without a single face: what was skipped there
        self.foreign = [*contents.foreign, *foreign]
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
            _keep(self.folder, self._rows, self.source)
        return found


def yaws(faces: Sequence[Face]) -> Sequence[float]:
    """Which way each face looks, in radians; fast for a `Faceset` that has been asked before, and for a part of one."""
    return faces.yaws() if hasattr(faces, "yaws") else [_yaw(face) for face in faces]


def _yaw(face: Face) -> float:
    """A face whose landmarks have no pose counts as looking into the camera."""
    try:
        yaw = estimate_pitch_yaw_roll(face.landmarks, face.shape[1]).yaw
    except cv2.error:
        return 0.0
    return yaw if np.isfinite(yaw) else 0.0


def open_faceset(
    folder: Path | str,
    on_progress: Callable[[int, int], None] | None = None,
    *,
    prefer: Prefer = Prefer.PACK,
    keeps_index: bool = True,
) -> Faceset:
    """The faces in `folder`: of its `faceset.pak`, else of its image files (or those in its folders), else of its `faceset.zip`.

    prefer       FILES: of its image files where there are any
    on_progress  called now and then with how many pictures of how many were looked at
    keeps_index  whether an index may be written into the folder
    raises       NoFolder, NoFaces
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise NoFolder(folder)
    contents, tell = list_folder(folder), on_progress or (lambda done, total: None)
    unusable: dict[Source, list[Skipped]] = {}
    for source in sources(contents, prefer):
        rows, foreign = _rows(contents, source, tell, keeps_index)
        faceset = Faceset(folder, rows, source=source, contents=contents, unusable=unusable, foreign=foreign)
        if faceset:
            return faceset
        unusable[source] = faceset.skipped
    skipped = list(chain.from_iterable(unusable.values()))
    raise NoFaces(folder, found=len(skipped), skipped=skipped, foreign=contents.foreign)


def sources(contents: FaceFolder, prefer: Prefer) -> list[Source]:
    """Where the faces of a folder may be read from, in the order in which it is tried; a zip file never hides others."""
    packs = [Source.PACK] if PACK_NAME in contents.packs else []
    files = [Source.PERSONS if contents.persons else Source.FILES] if contents.pictures else []
    archives = [Source.ZIP] if ZIP_NAME in contents.packs else []
    return [*(files + packs if prefer is Prefer.FILES else packs + files), *archives]


def _rows(
    contents: FaceFolder, source: Source, on_progress: Callable[[int, int], None], keeps_index: bool
) -> tuple[list[Indexed], list[str]]:
    """The pictures of a source, and the foreign files in it."""
    folder = contents.folder
    known = read_index(folder)
    if source is Source.ZIP:
        return _zip_rows(contents.path(ZIP_NAME), on_progress)
    if source is Source.PACK:
        rows = _pack_rows(contents.path(PACK_NAME), known)
        on_progress(len(rows), len(rows))
    else:
        rows = _file_rows(contents, known, on_progress)
    unchanged = {id(row) for row in known}
    if keeps_index and any(id(row) not in unchanged for row in rows):
        _keep(folder, rows, source)
    return rows, []


def _keep(folder: Path, rows: Sequence[Indexed], source: Source) -> None:
    if len(rows) >= SMALLEST_SET and source is not Source.ZIP:
        write_index(folder, rows, packed=source is Source.PACK)


def _file_rows(contents: FaceFolder, known: list[Indexed], on_progress: Callable[[int, int], None]) -> list[Indexed]:
    """The pictures of a folder: from the index where their files are unchanged, else read."""
    files = contents.pictures
    by_name = {row.entry.name: row for row in known}
    rows = [by_name.get(name) for name, _ in files]
    changed = [
        number
        for number, (row, (_, stamp)) in enumerate(zip(rows, files, strict=True))
        if row is None or row.stamp != stamp or stamp == GONE
    ]
    same = len(files) - len(changed)
    jobs = [partial(read_face, contents.path(files[number][0]), files[number][0]) for number in changed]
    entries = _read_all(jobs, lambda done, _: on_progress(same + done, len(files)))
    for number, entry in zip(changed, entries, strict=True):
        rows[number] = Indexed(files[number][1], entry)
    return rows


def _pack_rows(pack: Path, known: list[Indexed]) -> list[Indexed]:
    stamp = stamp_of(pack)
    if known and all(row.stamp == stamp for row in known):
        return known
    return [Indexed(stamp, entry) for entry in _packed_entries(pack, stamp)]


def _packed_entries(pack: Path, stamp: Stamp) -> list[Face | Skipped]:
    try:
        packed = read_pack(pack)
    except READ_ERRORS as fact:
        return [Skipped(PACK_NAME, _reason_of_archive(fact, stamp))]
    return [_packed_face(entry) for entry in packed]


def _reason_of_archive(fact: Exception, stamp: Stamp) -> Reason:
    return Reason(Fault.EMPTY) if isinstance(fact, Damaged) and not stamp.bytes else reason_of(fact)


def _packed_face(entry: PackEntry) -> Face | Skipped:
    try:
        jpeg = b"" if entry.shape else entry.jpeg.read()
        info = face_info(entry.fields, entry.shape or image_size(jpeg, segments(jpeg)))
        return face_of(info, entry.name, entry.jpeg, packed_mask=entry.mask)
    except READ_ERRORS as fact:
        return Skipped(entry.name, reason_of(fact))


def _zip_rows(archive: Path, on_progress: Callable[[int, int], None]) -> tuple[list[Indexed], list[str]]:
    stamp = stamp_of(archive)
    try:
        listing = read_zip(archive, IMAGE_SUFFIXES)
    except READ_ERRORS as fact:
        return [Indexed(stamp, Skipped(ZIP_NAME, _reason_of_archive(fact, stamp)))], []
    entries = _read_all([partial(_zipped_face, entry) for entry in listing.entries], on_progress)
    return [Indexed(stamp, entry) for entry in entries], listing.foreign


def _zipped_face(entry: ZipEntry) -> Face | Skipped:
    if isinstance(entry.place, Reason):
        return Skipped(entry.name, entry.place)
    try:
        encoded = entry.place.read()
        info = read_face_info(encoded)
        if not is_png(encoded) and not is_complete(encoded):
            raise Damaged("truncated")
        return face_of(info, entry.name, entry.place)
    except READ_ERRORS as fact:
        return Skipped(entry.name, reason_of(fact))


def _read_all(
    jobs: Sequence[Callable[[], Face | Skipped]], on_progress: Callable[[int, int], None]
) -> list[Face | Skipped]:
    entries: list[Face | Skipped] = []
    with ThreadPoolExecutor(READERS) as readers:
        for entry in readers.map(lambda job: job(), jobs):
            entries.append(entry)
            if len(entries) % REPORT_EVERY == 0 or len(entries) == len(jobs):
                on_progress(len(entries), len(jobs))
    return entries


def read_face(path: Path, name: str) -> Face | Skipped:
    """The face in an image file; `name` is the picture's in its set."""
    try:
        face = _read_face(path)
        return face if face.name == name else replace(face, name=name)
    except READ_ERRORS as fact:
        return Skipped(name, reason_of(fact))


def _read_face(path: Path) -> Face:
    if path.suffix.lower() == ".png":
        return _read_png_face(path)
    if path.suffix.lower() not in FACE_SUFFIXES:
        raise NoFaceData if check_regular(path).st_size else EmptyFile
    with open_regular(path) as file:
        start = file.read(HEADER_BYTES)
        size = file.seek(0, 2)
        file.seek(max(size - TAIL_BYTES, 0))
        tail = file.read()
    if not size:
        raise EmptyFile
    if is_png(start):
        return _read_png_face(path)
    try:
        info = read_face_info(start)
    except Damaged:
        info = read_face_info(read_regular(path))  # more than 128 KB before the first scan, or damaged indeed
    if not is_complete(tail) and not is_complete(read_regular(path)):
        raise Damaged("truncated")
    return face_of(info, path.name, FileRange(path))


def _read_png_face(path: Path) -> Face:
    """A face of DeepFaceLab 1; only the heads of its chunks and the face data are read."""
    with open_regular(path, buffering=0) as file:
        start = file.read(8)
        if not start:
            raise EmptyFile
        info = read_png_face_info(file) if is_png(start) else None
    if info is None:
        raise NoFaceData
    return face_of(info, path.name, FileRange(path))
