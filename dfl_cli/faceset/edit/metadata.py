"""`dfl faceset save-metadata` and `restore-metadata`: face data survives an image editor, which throws it away.

Pictures are found by their names. One that the editor made larger or smaller is resized to what it was, as DeepFaceLab does it, or
keeps its size, and its face data is scaled. Face data that has changed since it was saved is never replaced unasked.
"""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.errors import UserError
from dfl_cli.faceset.edit.copies import all_done, face_jpeg, lines_skipped
from dfl_cli.faceset.edit.metadata_file import (
    NAME,
    OLD_NAME,
    Saved,
    line_of,
    read_lines,
    read_old,
    saved_of,
    write_lines,
)
from dfl_cli.faceset.edit.moving import moved_fields, resizing
from dfl_cli.faceset.images import image_files
from dfl_cli.faceset.loading import skipped_facts
from dfl_cli.terminal.names import quoted
from dfl_cli.translate import ntr, tr
from samplers.files import image_codec
from samplers.files.atomic_file import write_atomically
from samplers.files.dfl_image import FaceDataTooLarge, NoFaceData, read_fields, write_fields
from samplers.files.face_info import face_info
from samplers.files.face_png import is_png
from samplers.files.faces import READ_ERRORS, Face, Fault, Reason, Skipped, UnreadableImage, reason_of
from samplers.files.jpeg_segments import image_size, segments
from samplers.files.pickles import safe_pickle
from samplers.files.pickles.safe_pickle import UnsafePickle
from samplers.files.regular_file import read_regular

MOST_CROPPED = 0.02  # difference of the ratios of the sides, beyond which a picture was cropped


class SavedMetadata(NamedTuple):
    path: Path
    saved: int
    kept: int  # of pictures that have no face data now, from the file that was there
    skipped: list[Skipped]


class Restored(NamedTuple):
    path: Path
    faces: int
    restored: int
    unchanged: int
    skipped: list[Skipped]


class Restoring(NamedTuple):
    """How face data is put back. keep_size: scale it to the picture, instead of the picture; overwrite: also changed face data."""

    folder: Path
    keep_size: bool
    overwrite: bool

    def restore(self, entry: bytes | Saved) -> bool | Skipped:
        """Whether the file of a face had to be changed; why it is left out. Raises OSError where it cannot be written."""
        name = ""
        try:
            saved = saved_of(entry) if isinstance(entry, bytes) else entry
            name = saved.name
            before = read_regular(self.folder / name)
            content = self.content(saved, before)
        except FileNotFoundError:
            return Skipped(name, Reason(Fault.GONE))
        except UnreadableImage as error:
            return Skipped(name, error.reason)
        except FaceDataTooLarge as error:
            return Skipped(name, Reason(Fault.DAMAGED, str(error)))
        except READ_ERRORS as error:
            return Skipped(name or NAME, reason_of(error))
        if content != before:
            write_atomically(self.folder / name, content)
        return content != before

    def content(self, saved: Saved, encoded: bytes) -> bytes:
        """The file with its face data. Raises UnreadableImage, READ_ERRORS, FaceDataTooLarge."""
        if not encoded or image_codec.is_truncated(encoded):
            raise UnreadableImage(saved.name, Reason(Fault.TRUNCATED if encoded else Fault.EMPTY))
        info = face_info(saved.fields, saved.shape)
        shape = shape_of(encoded)
        fields, picture = saved.fields, None
        if shape != saved.shape:
            if abs(np.log(shape[0] / shape[1]) - np.log(saved.shape[0] / saved.shape[1])) > MOST_CROPPED:
                raise UnreadableImage(saved.name, Reason(Fault.CROPPED))
            if self.keep_size:
                fields = moved_fields(info, resizing(saved.shape, shape))
            else:
                picture = resized(image_codec.decode_bgr(encoded), saved.shape)
        found = found_fields(encoded)
        known = [safe_pickle.dumps(each) for each in (saved.fields, fields)]
        if found is not None and not self.overwrite and safe_pickle.dumps(found) not in known:
            raise UnreadableImage(saved.name, Reason(Fault.CHANGED))
        return write_fields(encoded, fields) if picture is None else encoded_again(picture, fields, encoded)


def save(folder: Path) -> SavedMetadata:
    """Write the face data of the pictures in `folder` to its `metadata.jsonl`. The folder is locked.

    Raises:
        UserError: a pack, no pictures, or an older file that cannot be used.
    """
    pictures, path = image_files(folder), folder / NAME
    older = read_lines(path) if path.exists() else {}
    skipped = [Skipped(one.name, one.reason) for one in pictures if one.face is None]
    faces = [one.face for one in pictures if one.face]
    found = all_done(faces, described, tr("Saving metadata"))
    lines = {face.name: line for face, line in zip(faces, found, strict=True) if isinstance(line, bytes)}
    skipped += [each for each in found if isinstance(each, Skipped)]
    kept = {name: line for name, line in older.items() if name not in lines}
    write_lines(path, lines | kept)
    return SavedMetadata(path, len(lines), len(kept), [each for each in skipped if each.name not in kept])


def described(face: Face) -> bytes | Skipped:
    """The line of a face."""
    try:
        return line_of(Saved(face.name, face.shape, face.read_info().fields))
    except UnreadableImage as error:
        return Skipped(face.name, error.reason)


def restore(folder: Path, given: Path | None, *, keep_size: bool, overwrite: bool) -> Restored:
    """Put face data back into the pictures of `folder`, from the file `given` or the one in the folder. The folder is locked.

    Raises:
        UserError: no such file, or one that cannot be used.
    """
    path = metadata_path(folder, given)
    entries = list(read_lines(path).values()) if is_ours(path) else list(read_old(path))
    found = all_done(entries, Restoring(folder, keep_size, overwrite).restore, tr("Restoring metadata"))
    skipped = [each for each in found if isinstance(each, Skipped)]
    restored = sum(each is True for each in found)
    return Restored(path, len(entries), restored, len(entries) - restored - len(skipped), skipped)


def metadata_path(folder: Path, given: Path | None) -> Path:
    """Raises UserError."""
    paths = [given.expanduser().absolute()] if given else [folder / NAME, folder / OLD_NAME]
    for path in paths:
        if path.exists():
            return path
    raise UserError(
        tr("There is no saved metadata in {folder}.", folder=folder)
        if not given
        else tr("There is no file {path}.", path=given),
        saw="" if given else tr("Neither {name} nor {old}.", name=NAME, old=OLD_NAME),
        fix=tr("Save it before the images are edited: dfl faceset save-metadata {folder}", folder=quoted(folder)),
    )


def is_ours(path: Path) -> bool:
    return path.suffix == ".jsonl"


def shape_of(encoded: bytes) -> tuple[int, int]:
    """(height, width) without decoding. Raises NotAJpeg, Damaged, ImageTooLarge."""
    if is_png(encoded):
        return image_codec.check_size((int.from_bytes(encoded[20:24], "big"), int.from_bytes(encoded[16:20], "big")))
    return image_codec.check_size(image_size(encoded, segments(encoded)))


def resized(picture: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    smaller = shape[0] < picture.shape[0]
    return cv2.resize(picture, shape[::-1], interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4)


def encoded_again(picture: np.ndarray, fields: dict, before: bytes) -> bytes:
    """As JPEG or PNG, what it was before."""
    return (
        write_fields(cv2.imencode(".png", picture)[1].tobytes(), fields)
        if is_png(before)
        else face_jpeg(picture, fields)
    )


def found_fields(encoded: bytes) -> dict | None:
    """The face data that is in a file now; None where there is none, or one that nobody should use."""
    try:
        return read_fields(encoded)
    except (NoFaceData, UnsafePickle):
        return None


def lines_saved(done: SavedMetadata) -> list[str]:
    """For a person."""
    text = [
        ntr(
            "Face data of {count} image saved: {path}",
            "Face data of {count} images saved: {path}",
            count=done.saved,
            path=done.path,
        )
    ]
    if done.kept:
        text.append(
            ntr(
                "{count} image has no face data now; what was saved earlier is kept.",
                "{count} images have no face data now; what was saved earlier is kept.",
                count=done.kept,
            )
        )
    return text + lines_skipped(done.skipped)


def lines_restored(done: Restored) -> list[str]:
    """For a person."""
    text = [ntr("Face data of {count} image restored.", "Face data of {count} images restored.", count=done.restored)]
    if done.unchanged:
        text.append(
            ntr(
                "{count} image already had its face data.",
                "{count} images already had their face data.",
                count=done.unchanged,
            )
        )
    if any(each.reason.fault is Fault.CHANGED for each in done.skipped):
        text.append(tr("Add --overwrite to replace face data that has changed."))
    return text + lines_skipped(done.skipped)


def facts_of(done: SavedMetadata | Restored) -> dict:
    """For --json."""
    return done._asdict() | {"path": str(done.path), "skipped": skipped_facts(done.skipped)}
