"""The loose pictures of a face set's folder, with or without face data, and what many threads find out about them."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from dfl_cli.errors import UserError
from dfl_cli.faceset.loading import no_folder
from dfl_cli.terminal.console import counted_progress, progress
from dfl_cli.translate import tr
from samplers.files import image_codec
from samplers.files.dfl_pack import PACK_NAME
from samplers.files.faces import READ_ERRORS, Face, NoFaces, NoFolder, Reason, UnreadableImage, open_faceset, reason_of

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


def image_files(folder: Path) -> list[ImageFile]:
    """Every picture in `folder` by name.

    Raises:
        UserError: no folder, a pack in it, or no pictures.
    """
    if (folder / PACK_NAME).exists():
        raise UserError(
            tr("The faces of {folder} are in a pack.", folder=folder),
            saw=PACK_NAME,
            fix=tr("dfl faceset unpack {folder}", folder=folder),
        )
    faces, skipped = opened(folder)
    pictures = [ImageFile(face.name, folder / face.name, face, None) for face in faces]
    pictures += [ImageFile(each.name, folder / each.name, None, each.reason) for each in skipped]
    if not pictures:
        raise UserError(tr("There are no images in {folder}.", folder=folder), fix=tr("check the path"))
    return sorted(pictures, key=lambda each: each.name)


def opened(folder: Path) -> tuple[Sequence[Face], list]:
    with counted_progress(tr("Loading faces of {folder}", folder=folder.name), keep=False) as show:
        try:
            faceset = open_faceset(folder, on_progress=show)
        except NoFolder as error:
            raise no_folder(error) from error
        except NoFaces as error:
            return [], error.skipped
    return faceset, faceset.skipped


def read_bgr(one: ImageFile) -> np.ndarray:
    """The picture, (H, W, 3) uint8 BGR; UnreadableImage."""
    if one.face is not None:
        return one.face.read()
    try:
        decoded = image_codec.decode(one.path.read_bytes())
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
