"""Which faces belong to which frame, read from the aligned dst faces (merger.md 1.2)."""

from collections.abc import Iterable
from pathlib import PurePath
from typing import NamedTuple

import numpy as np

from dfl_cli.merge.pixels.masks.stored import StoredMask
from samplers.files.faces import UnreadableImage
from samplers.files.names import Spellings


class Alignments(NamedTuple):
    """`faces`: stem of the frame's file name -> landmarks (68, 2) of its faces in the frame, in the order of the aligned files."""

    faces: dict[str, list[np.ndarray]]
    masks: dict[str, list[StoredMask]]  # the same faces' XSeg masks
    without_frame: int  # aligned faces that do not say which frame they were cut from, or where


def collect_alignments(faceset: Iterable, stems: Iterable[str] = ()) -> Alignments:
    """The faces of `faceset` (samplers.files.faces.Face) by frame; only the frame's stem counts, not its extension.

    stems  of the frames there are; a face may spell its frame's name in another way
    """
    frames = Spellings(stems)
    faces: dict[str, list[np.ndarray]] = {}
    masks: dict[str, list[StoredMask]] = {}
    without_frame = 0
    for face in faceset:
        landmarks = landmarks_in_frame(face) if face.source_filename else None
        if landmarks is None:
            without_frame += 1
        else:
            stem = PurePath(face.source_filename).stem
            stem = frames.find(stem) or stem
            faces.setdefault(stem, []).append(landmarks)
            masks.setdefault(stem, []).append(StoredMask(face, landmarks))
    return Alignments(faces, masks, without_frame)


def landmarks_in_frame(face) -> np.ndarray | None:
    """(68, 2) pixels of the frame; None where the file does not tell."""
    try:
        landmarks = face.source_landmarks
    except UnreadableImage:  # gone or damaged since the folder was listed
        return None
    return landmarks if landmarks is not None and np.isfinite(landmarks).all() else None
