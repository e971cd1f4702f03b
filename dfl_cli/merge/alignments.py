"""Which faces belong to which frame, read from the aligned dst faces (merger.md 1.2)."""

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import NamedTuple

import numpy as np

from dfl_cli.merge.pixels.masks.stored import StoredMask
from samplers.files.face import reason_of
from samplers.files.face_info import NoLandmarks, UnusableLandmarks, usable_landmarks
from samplers.files.faces import Skipped, UnreadableImage
from samplers.files.names import Spellings


class Alignments(NamedTuple):
    """`faces`: stem of the frame's file name -> landmarks (68, 2) of its faces in the frame, in the order of the aligned files."""

    faces: dict[str, list[np.ndarray]]
    masks: dict[str, list[StoredMask]]  # the same faces' XSeg masks
    without_frame: int  # aligned faces that do not say which frame they were cut from, or where
    skipped: Sequence[Skipped] = ()  # aligned faces that say so, but their landmarks in the frame are of no use


def collect_alignments(faceset: Iterable, stems: Iterable[str] = ()) -> Alignments:
    """The faces of `faceset` (samplers.files.faces.Face) by frame; only the frame's stem counts, not its extension.

    stems  of the frames there are; a face may spell its frame's name in another way
    """
    frames = Spellings(stems)
    found, without_frame, skipped = Alignments({}, {}, 0), 0, []
    for face in faceset:
        try:
            landmarks = landmarks_in_frame(face) if face.source_filename else None
        except UnreadableImage as error:
            skipped.append(Skipped(face.name, error.reason))
            continue
        if landmarks is None:
            without_frame += 1
        else:
            stem = PurePath(face.source_filename).stem
            stem = frames.find(stem) or stem
            found.faces.setdefault(stem, []).append(landmarks)
            found.masks.setdefault(stem, []).append(StoredMask(face, landmarks))
    return found._replace(without_frame=without_frame, skipped=skipped)


def landmarks_in_frame(face) -> np.ndarray | None:
    """(68, 2) pixels of the frame; None where the file does not tell.

    Raises UnreadableImage: nothing can be cut around them, or the file is gone or damaged since the folder was listed.
    """
    try:
        return usable_landmarks(face.read_info().fields.get("source_landmarks"))
    except UnusableLandmarks as error:
        raise UnreadableImage(face.name, reason_of(error)) from None
    except NoLandmarks:
        return None
