"""Faces of a folder: what is known about each one, and its picture when asked (facesets.md 3.1, 3.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from samplers import picture
from samplers.dfl_image import NoFaceData, read_face_info
from samplers.dfl_pack import PACK_NAME, PackEntry, read_pack
from samplers.face_info import FaceInfo, NoLandmarks, face_info
from samplers.face_types import FaceType, UnknownFaceType
from samplers.jpeg_segments import NotAJpeg, image_size, is_complete, segments
from samplers.place import Place
from samplers.polygons import Polygon
from samplers.safe_pickle import Damaged, Refused

FACE_SUFFIXES = {".jpg", ".jpeg"}
PICTURE_SUFFIXES = FACE_SUFFIXES | {".png", ".tif", ".tiff", ".bmp", ".webp"}
HEADER_BYTES = 2**17  # face data, EXIF and the frame header of nearly every file
TAIL_BYTES = 4096  # the end mark is here, unless much was appended
READERS = 4  # threads; more do not help, parsing holds the interpreter
REPORT_EVERY = 64  # faces between two calls of `on_progress`


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


class UnreadablePicture(Exception):
    """The picture of a face cannot be had; `reason` as in `Skipped`, or `size-differs`."""

    def __init__(self, name: str, reason: str):
        super().__init__(f"{name}: {reason}")
        self.name, self.reason = name, reason


@dataclass(frozen=True)
class Skipped:
    """A picture that is not used. `reason` is a word, some with a fact behind a colon:

    not-an-image, no-face-data, no-landmarks, truncated, mark-only, "damaged: no picture size", "hostile: os.system",
    "too-large: 60000x60000", "unknown-face-type: x", "unreadable: Permission denied"
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Face:
    """One face. Small: the picture, its mask and what only merging needs are read from the file when asked for."""

    name: str  # of its file, for messages
    face_type: FaceType
    landmarks: np.ndarray  # (68, 2) float64 pixels
    shape: tuple[int, int]  # height, width
    eyebrows_expand_mod: float
    source_filename: str | None
    polygons: tuple[Polygon, ...]
    has_xseg_mask: bool
    place: Place
    packed_mask: Place | bytes | None = None  # encoded; packs keep it apart from the picture

    def read(self) -> np.ndarray:
        """The picture, (H, W, 3) uint8 BGR; UnreadablePicture if it is damaged, gone or of another size than `shape`."""
        bgr = self._read_through(picture.decode_bgr)
        if bgr.shape[:2] != self.shape:
            raise UnreadablePicture(self.name, "size-differs")
        return bgr

    def read_info(self) -> FaceInfo:
        """Everything the file knows; UnreadablePicture if it no longer is a picture with face data."""
        return self._read_through(read_face_info)

    def read_xseg_mask(self) -> np.ndarray | None:
        """The stored mask, (h, w, 1) float32 0..1 in the size it was stored in; None without one.

        UnreadablePicture if it is damaged.
        """
        if not self.has_xseg_mask:
            return None
        if isinstance(self.packed_mask, Place):
            return self._read_through(picture.decode_mask, self.packed_mask)
        return self._stated(picture.decode_mask, self.packed_mask or self.read_info().xseg_mask or b"")

    @property
    def source_landmarks(self) -> np.ndarray | None:
        """(68, 2) float64 pixels of the frame; read from the file at each access, like `image_to_face_mat`."""
        return self.read_info().source_landmarks

    @property
    def image_to_face_mat(self) -> np.ndarray | None:
        """(2, 3) float64, from the frame to this picture."""
        return self.read_info().image_to_face_mat

    def _read_through(self, meaning: Callable, place: Place | None = None):
        try:
            encoded = (place or self.place).read()
        except OSError as error:
            raise UnreadablePicture(self.name, reason_of(error)) from None
        return self._stated(meaning, encoded)

    def _stated(self, meaning: Callable, encoded: bytes):
        try:
            return meaning(encoded)
        except FACTS as fact:
            raise UnreadablePicture(self.name, reason_of(fact)) from None


class Faceset(Sequence):
    """The faces of a folder in the order of their names, and what was skipped."""

    def __init__(self, folder: Path, faces: Iterable[Face], skipped: Iterable[Skipped] = ()):
        self.folder, self.faces, self.skipped = folder, list(faces), list(skipped)

    def __len__(self) -> int:
        return len(self.faces)

    def __getitem__(self, index):
        return self.faces[index]


def open_faceset(folder: Path | str, on_progress: Callable[[int, int], None] | None = None) -> Faceset:
    """The faces in `folder`: of its `faceset.pak` if there is one, else of its JPEG files.

    on_progress  called now and then with how many pictures of how many were looked at
    raises       NoFolder, NoFaces
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise NoFolder(folder)
    entries = _entries(folder, on_progress or (lambda done, total: None))
    faceset = Faceset(
        folder,
        (entry for entry in entries if isinstance(entry, Face)),
        (entry for entry in entries if isinstance(entry, Skipped)),
    )
    if not faceset:
        raise NoFaces(folder, found=len(entries), skipped=faceset.skipped)
    return faceset


def _entries(folder: Path, on_progress: Callable[[int, int], None]) -> list[Face | Skipped]:
    pack = folder / PACK_NAME
    if not pack.exists():
        return _read_all(_picture_paths(folder), on_progress)
    try:
        packed = read_pack(pack)
    except FACTS as fact:
        return [Skipped(PACK_NAME, reason_of(fact))]
    entries = [_packed_face(entry) for entry in packed]
    on_progress(len(entries), len(entries))
    return entries


def _packed_face(entry: PackEntry) -> Face | Skipped:
    try:
        jpeg = b"" if entry.shape else entry.jpeg.read()
        info = face_info(entry.fields, entry.shape or image_size(jpeg, segments(jpeg)))
        return face_of(info, entry.name, entry.jpeg, packed_mask=entry.mask)
    except FACTS as fact:
        return Skipped(entry.name, reason_of(fact))


def face_of(info: FaceInfo, name: str, place: Place, *, packed_mask: Place | bytes | None = None) -> Face:
    """The part of `info` that is kept in memory; MarkOnly, picture.TooLarge for what cannot be used."""
    if info.face_type == FaceType.MARK_ONLY:
        raise MarkOnly
    return Face(
        name=name,
        face_type=info.face_type,
        landmarks=info.landmarks,
        shape=picture.check_size(info.shape),
        eyebrows_expand_mod=info.eyebrows_expand_mod,
        source_filename=info.source_filename,
        polygons=info.polygons,
        has_xseg_mask=packed_mask is not None or info.xseg_mask is not None,
        place=place,
        packed_mask=packed_mask,
    )


class MarkOnly(Exception):
    """A frame whose faces are only marked: there is no crop to train on."""


FACTS = (NotAJpeg, NoFaceData, NoLandmarks, UnknownFaceType, MarkOnly, picture.TooLarge, Damaged, Refused, OSError)


def reason_of(fact: Exception) -> str:
    """The word (and fact) for one of `FACTS`, as in `Skipped`."""
    match fact:
        case NotAJpeg():
            return "not-an-image"
        case NoFaceData():
            return "no-face-data"
        case NoLandmarks():
            return "no-landmarks"
        case UnknownFaceType(name=name):
            return f"unknown-face-type: {name[:40]}"
        case MarkOnly():
            return "mark-only"
        case picture.TooLarge():
            return f"too-large: {fact}"
        case Damaged(reason="truncated"):
            return "truncated"
        case Damaged(reason=reason):
            return f"damaged: {reason}"
        case Refused(wanted=wanted):
            return f"hostile: {wanted}"
    return f"unreadable: {getattr(fact, 'strerror', None) or fact}"


def _picture_paths(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES)


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
        return Skipped(path.name, "no-face-data")
    try:
        return _read_face(path)
    except FACTS as fact:
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
    return face_of(info, path.name, Place(path))
