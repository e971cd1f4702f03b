"""`dfl faceset convert`: PNG faces of DeepFaceLab 1 as JPEG faces, which packs and DeepFaceLab 2 take."""

from pathlib import Path

from dfl_cli.errors import UserError
from dfl_cli.faceset.edit.copies import Copies, Target, face_jpeg, write_copies
from dfl_cli.faceset.images import open_any
from dfl_cli.faceset.loading import summary
from dfl_cli.translate import ntr, tr
from samplers.files.face_folder import suffix_of
from samplers.files.faces import Face


def convert(folder: Path) -> Copies:
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
    target = Target(folder.with_name(f"{folder.name}_jpg"))
    return write_copies(faces, opened.skipped, target, as_jpeg, label=tr("Converting"))


def as_jpeg(face: Face) -> bytes:
    return face_jpeg(face.read(), face.read_info().fields)
