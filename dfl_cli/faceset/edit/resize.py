"""`dfl faceset resize`: a copy of a face set in another size, or as another face type."""

from collections.abc import Sequence

import numpy as np

from dfl_cli.faceset.edit.copies import face_jpeg
from dfl_cli.faceset.edit.moving import moved_fields, moved_mask, moved_picture, square_matrix
from dfl_cli.options.tables.faceset import SAME
from dfl_cli.terminal.console import notice
from dfl_cli.translate import ntr
from samplers.files.faces import Face
from samplers.geometry.face_types import FaceType


def settings(size: int, face_type: str) -> dict[str, str]:
    return {"made_by": "faceset resize", "size": str(size), "face_type": face_type}


def resized(face: Face, *, size: int, face_type: str) -> bytes:
    """The file of `face` as a square of `size` pixels. Raises UnreadableImage, FlatLandmarks, FaceDataTooLarge."""
    keeps_type = face_type == SAME or FaceType.from_short(face_type) == face.face_type
    picture, info = face.read(), face.read_info()
    if keeps_type and face.shape == (size, size):
        return face_jpeg_of(face, picture, info.fields)
    matrix = square_matrix(face, size, face_type)
    fields = moved_fields(info, matrix)
    if not keeps_type:
        fields["face_type"] = FaceType.from_short(face_type).name_in_files
        mask = face.read_xseg_mask()
        if mask is not None:
            fields["xseg_mask"] = moved_mask(mask, face.shape, matrix, size)
    return face_jpeg(moved_picture(picture, matrix, size), fields)


def face_jpeg_of(face: Face, picture: np.ndarray, fields: dict) -> bytes:
    """The file as it is, where it is a JPEG."""
    encoded = face.file_range.read()
    return encoded if encoded.startswith(b"\xff\xd8") else face_jpeg(picture, fields)


def mention_losses(faces: Sequence[Face], *, size: int, face_type: str) -> None:
    """Say how many faces are enlarged, or show less of the head than the new type."""
    if count := sum(max(face.shape) < size for face in faces):
        notice(
            ntr(
                "{count} face is smaller than {size} pixels. Enlarging adds no detail.",
                "{count} faces are smaller than {size} pixels. Enlarging adds no detail.",
                count=count,
                size=size,
            )
        )
    if face_type == SAME:
        return
    if count := sum(face.face_type < FaceType.from_short(face_type) for face in faces):
        notice(
            ntr(
                "{count} face shows less of the head than {face_type}; its borders are stretched.",
                "{count} faces show less of the head than {face_type}; their borders are stretched.",
                count=count,
                face_type=face_type,
            )
        )
