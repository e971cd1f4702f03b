"""The loose pictures of a face set's folder, with or without face data, and what many threads find out about them."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from dfl_cli.errors import UserError
from dfl_cli.faceset.loading import find_faces, no_faces, report_skipped
from dfl_cli.terminal.console import progress
from dfl_cli.terminal.names import quoted
from dfl_cli.translate import tr
from samplers.files import image_codec
from samplers.files.face_folder import list_folder, suffix_of
from samplers.files.faces import (
    IMAGE_SUFFIXES,
    READ_ERRORS,
    Face,
    Fault,
    NoFaces,
    Reason,
    Skipped,
    Source,
    UnreadableImage,
    reason_of,
)
from samplers.files.regular_file import read_regular

THREADS = min(8, os.cpu_count() or 1)


class ImageFile(NamedTuple):
    """A picture file; `face` is None and `reason` says why where it is no usable face."""

    name: str
    path: Path
    face: Face | None
    reason: Reason | None


class Measurements(NamedTuple):
    """What was measured, in the order of the pictures, and which pictures could not be read."""

    pictures: list[ImageFile]
    values: list[Any]
    unreadable: dict[str, Reason]

    def add(self, one: ImageFile, value: Any) -> None:
        """What was found out about a picture, or the error of reading it."""
        if isinstance(value, UnreadableImage):
            self.unreadable[one.name] = value.reason
        else:
            self.pictures.append(one)
            self.values.append(value)


def image_files(folder: Path, prefer: str = "pack") -> list[ImageFile]:
    """Every picture in `folder` by name.

    Raises:
        UserError: no folder, faces in a pack or in folders of persons, or no pictures.
    """
    opened = open_any(folder, prefer)
    check_loose(folder, opened.source)
    pictures = [ImageFile(face.name, folder / face.name, face, None) for face in opened.faces]
    loose = [each for each in opened.skipped if suffix_of(each.name) in IMAGE_SUFFIXES and "/" not in each.name]
    unreadable = [each for each in loose if each.reason.fault is Fault.UNREADABLE]
    report_skipped(unreadable)  # what they are is not known, so they stay where they are
    pictures += [
        ImageFile(each.name, folder / each.name, None, each.reason) for each in loose if each not in unreadable
    ]
    if not pictures:
        raise no_faces(NoFaces(folder, found=len(opened.skipped), skipped=opened.skipped))
    return sorted(pictures, key=lambda each: each.name)


def check_loose(folder: Path, source: Source | None) -> None:
    """Raises UserError unless the faces are files in the folder itself."""
    if source in (Source.PACK, Source.ZIP):
        raise faces_in_pack(folder, source.value)
    if source is Source.PERSONS:
        raise UserError(
            tr("The faces of {folder} are in subfolders.", folder=folder),
            fix=tr("Use the command on each of the subfolders."),
        )


def faces_in_pack(folder: Path, name: str) -> UserError:
    unpack = tr("dfl faceset unpack {folder}", folder=quoted(folder))
    beside = bool(list_folder(folder).pictures)
    return UserError(
        tr("The faces of {folder} are in a pack.", folder=folder),
        saw=name,
        fix=tr("{unpack}; or sort the image files beside it with --prefer files", unpack=unpack) if beside else unpack,
    )


class OpenedFaces(NamedTuple):
    """A face set, or what was skipped where there is not one face; `source` is None then."""

    faces: Sequence[Face]
    skipped: list[Skipped]
    source: Source | None


def open_any(folder: Path, prefer: str = "pack") -> OpenedFaces:
    """The faces of a folder, also where there are none.

    Raises:
        UserError: no folder.
    """
    try:
        faceset = find_faces(folder, prefer)
    except NoFaces as error:
        return OpenedFaces([], error.skipped, None)
    return OpenedFaces(faceset, faceset.skipped, faceset.source)


def read_bgr(one: ImageFile) -> np.ndarray:
    """The picture, (H, W, 3) uint8 BGR; UnreadableImage."""
    if one.face is not None:
        return one.face.read()
    try:
        decoded = image_codec.decode(read_regular(one.path))
    except READ_ERRORS as fact:
        raise UnreadableImage(one.name, reason_of(fact)) from None
    if decoded.dtype != np.uint8:
        decoded = (decoded // 257).astype(np.uint8)  # 16 bit
    if decoded.ndim == 2:
        return cv2.cvtColor(decoded, cv2.COLOR_GRAY2BGR)
    return np.ascontiguousarray(decoded[..., :3])


def measure_all(pictures: Sequence[ImageFile], measure: Callable[[ImageFile], Any], label: str) -> Measurements:
    """`measure` of every picture, in threads, with a progress bar; what raises UnreadableImage is listed."""

    def attempt(one: ImageFile):
        try:
            return measure(one)
        except UnreadableImage as error:
            return error

    found, threads = Measurements([], [], {}), ThreadPoolExecutor(THREADS)
    try:
        with progress(len(pictures), label, keep=False) as bar:
            for one, value in zip(pictures, threads.map(attempt, pictures), strict=True):
                found.add(one, value)
                bar.update(1)
    finally:
        threads.shutdown(cancel_futures=True)  # Ctrl-C does not wait for what has not begun
    return found


def picture_of(face: Face) -> ImageFile:
    """A face of a folder or of a pack."""
    return ImageFile(face.name, face.file_range.path, face, None)
