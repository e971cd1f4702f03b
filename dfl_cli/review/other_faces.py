"""Faces that the index does not know by name, such as after `dfl faceset sort`: what their own face data tells."""

from __future__ import annotations

from pathlib import Path

from dfl_cli.review.face_table import CutFace
from samplers.files.face import UnreadableImage
from samplers.files.faces import Skipped, read_face


def other_face(path: Path) -> CutFace | None:
    """The face in an image file; None where it is none. The frame is empty if the file does not name it."""
    face = read_face(path, path.name)
    if isinstance(face, Skipped):
        return None
    try:
        landmarks = face.source_landmarks
    except UnreadableImage:
        return None
    return CutFace(path.name, face.source_filename or "", face.landmarks if landmarks is None else landmarks)
