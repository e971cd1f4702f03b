"""What a face set's folder holds before a picture is opened: pictures, folders of persons, a pack, a zip file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from samplers.files.dfl_pack import PACK_NAME
from samplers.files.face_index import Stamp
from samplers.files.face_zip import ZIP_NAME
from samplers.files.foreign_files import foreign_names, is_foreign

FACE_SUFFIXES = {".jpg", ".jpeg"}
IMAGE_SUFFIXES = FACE_SUFFIXES | {".png", ".tif", ".tiff", ".bmp", ".webp"}
PACK_NAMES = (PACK_NAME, ZIP_NAME)
GONE = Stamp(-1, -1)  # of a file that cannot be looked at
ALIGNED = "aligned"  # a folder that has one holds frames, not persons


class FaceFolder(NamedTuple):
    """The content of a folder by name. With `persons`, pictures are named `person/picture` and the folder has no other."""

    folder: Path
    pictures: list[tuple[str, Stamp]]  # in the order of their names
    persons: list[str]
    packs: list[str]  # PACK_NAME, ZIP_NAME: those that are there
    foreign: list[str]  # what systems and editors left there

    def path(self, name: str) -> Path:
        return self.folder / name


def list_folder(folder: Path) -> FaceFolder:
    """One look into `folder`, and into the folders in it where it has no pictures of its own. Raises OSError."""
    with os.scandir(folder) as listing:
        entries = list(listing)
    own = [entry for entry in entries if not is_foreign(entry.name)]
    foreign = foreign_names(entry.name for entry in entries)
    pictures, persons = pictures_of(own), []
    if not pictures:
        for person in sorted(person_names(own)):
            inner, passed_over = list_person(folder / person)
            if inner:
                persons.append(person)
                pictures += [(f"{person}/{name}", stamp) for name, stamp in inner]
                foreign += [f"{person}/{name}" for name in passed_over]
    packs = [name for name in PACK_NAMES if is_there(folder / name)]
    return FaceFolder(folder, pictures, persons, packs, foreign)


def list_person(folder: Path) -> tuple[list[tuple[str, Stamp]], list[str]]:
    """The pictures of one person, and the names that were passed over; none where the folder cannot be read or holds frames."""
    try:
        with os.scandir(folder) as listing:
            entries = list(listing)
    except OSError:
        return [], []
    if any(entry.name.lower() == ALIGNED for entry in entries):
        return [], []
    pictures = pictures_of([entry for entry in entries if not is_foreign(entry.name)])
    return pictures, foreign_names(entry.name for entry in entries)


def pictures_of(entries: list[os.DirEntry]) -> list[tuple[str, Stamp]]:
    found = [entry for entry in entries if suffix_of(entry.name) in IMAGE_SUFFIXES and not is_folder(entry)]
    return sorted((entry.name, stamp_of(entry)) for entry in found)


def person_names(entries: list[os.DirEntry]) -> list[str]:
    """The folders among `entries`, unless one is `aligned`: then this is the folder of the frames. `d.jpg` is nobody's name."""
    names = [entry.name for entry in entries if is_folder(entry) and not entry.name.endswith("_trash")]
    names = [name for name in names if suffix_of(name) not in IMAGE_SUFFIXES]
    return [] if ALIGNED in map(str.lower, names) else names


def is_folder(entry: os.DirEntry) -> bool:
    """Also through a link. A link that leads in a circle is none; `DirEntry.is_dir` raises there."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def is_there(path: Path) -> bool:
    """Whether something that is no folder has this name, even a link to what is gone: it is reported, not passed over."""
    return os.path.lexists(path) and not os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises


def suffix_of(name: str) -> str:
    return Path(name).suffix.lower()


def stamp_of(file: os.DirEntry | Path) -> Stamp:
    try:
        facts = file.stat()
    except OSError:
        return GONE
    return Stamp(facts.st_size, facts.st_mtime_ns)
