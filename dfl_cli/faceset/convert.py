"""`dfl faceset convert`: PNG faces of DeepFaceLab 1 as JPEG faces, which packs and DeepFaceLab 2 take."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2

from dfl_cli.errors import UserError
from dfl_cli.faceset.images import open_any
from dfl_cli.faceset.loading import reason_text, summary
from dfl_cli.store.lock import FolderLock
from dfl_cli.terminal.console import progress
from dfl_cli.translate import labeled, ntr, tr
from samplers.files.atomic_file import remove_leftovers, write_atomically
from samplers.files.dfl_image import FaceDataTooLarge, write_fields
from samplers.files.face_folder import suffix_of
from samplers.files.faces import Face, Fault, Reason, Skipped, UnreadableImage

QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 100, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]


class Converted(NamedTuple):
    folder: Path
    count: int
    already_there: int  # files of an earlier run, left alone
    skipped: list[Skipped]


def convert(folder: Path) -> Converted:
    """Write the PNG faces of `folder` as JPEG files to `<folder>_jpg`; the PNG files stay.

    Raises:
        UserError: no PNG face.
    """
    opened = open_any(folder, "files")
    faces = [face for face in opened.faces if suffix_of(face.name) == ".png"]
    if not faces:
        skipped = [each for each in opened.skipped if suffix_of(each.name) == ".png"]
        raise UserError(
            tr("No PNG faces of DeepFaceLab 1 in {folder}.", folder=folder),
            saw=summary(skipped) or ntr("{count} JPEG face", "{count} JPEG faces", count=len(opened.faces)),
            fix=tr("Faces in JPEG files need no conversion. For others, give the folder of the PNG files."),
        )
    target = folder.with_name(f"{folder.name}_jpg")
    with FolderLock(target):
        remove_leftovers(target)
        return convert_to(target, faces, list(opened.skipped))


def convert_to(target: Path, faces: Sequence[Face], skipped: list[Skipped]) -> Converted:
    count, already_there = 0, 0
    with progress(len(faces), tr("Converting"), keep=False) as bar:
        for face in faces:
            path = (target / face.name).with_suffix(".jpg")
            if os.path.lexists(path):
                already_there += 1
            elif reason := write_jpeg(face, path):
                skipped.append(Skipped(face.name, reason))
            else:
                count += 1
            bar.update(1)
    return Converted(target, count, already_there, skipped)


def write_jpeg(face: Face, path: Path) -> Reason | None:
    """The picture and its face data to `path`; why that cannot be done, else None."""
    try:
        encoded = cv2.imencode(".jpg", face.read(), QUALITY)[1].tobytes()
        jpeg = write_fields(encoded, face.read_info().fields)
    except UnreadableImage as error:
        return error.reason
    except FaceDataTooLarge as error:
        return Reason(Fault.DAMAGED, str(error))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, jpeg)
    return None


def lines(done: Converted) -> list[str]:
    text = [
        ntr(
            "{count} face written to {folder}.",
            "{count} faces written to {folder}.",
            count=done.count,
            folder=done.folder,
        )
    ]
    if done.already_there:
        text.append(
            ntr("{count} face was already there.", "{count} faces were already there.", count=done.already_there)
        )
    return text + ["  " + labeled(each.name, reason_text(each.reason)) for each in done.skipped]
