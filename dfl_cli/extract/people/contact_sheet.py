"""A picture of everybody in an extraction: a row for each person, with the name, the count and some faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.errors import UserError
from dfl_cli.face_networks.crops import warp
from dfl_cli.options.outputs import own_folder
from dfl_cli.terminal.console import notice
from dfl_cli.translate import system_reason, tr
from samplers.files.atomic_file import write_atomically
from samplers.files.names import fitting
from samplers.geometry.align import transform_matrix
from samplers.geometry.face_types import FaceType

SIDE, LABEL, GAP = 96, 150, 4  # pixels: of a face, of the space for the name, between faces
FACES, ROWS = 8, 20  # most faces of a person, most people
QUALITY = 90
BACKGROUND, INK = (32, 32, 32), (235, 235, 235)


def contact_sheet(rows: Sequence[tuple[str, Sequence[np.ndarray]]], *, label_width: int = LABEL) -> np.ndarray:
    """(H, W, 3) uint8 BGR. rows: label in ASCII, since OpenCV draws nothing else, and faces (SIDE, SIDE, 3)."""
    step = SIDE + GAP
    rows = rows[:ROWS]
    sheet = np.full((GAP + step * len(rows), label_width + GAP + step * FACES, 3), BACKGROUND, np.uint8)
    for number, (label, faces) in enumerate(rows):
        top = GAP + number * step
        cv2.putText(sheet, label, (GAP * 2, top + SIDE // 2 + 8), cv2.FONT_HERSHEY_SIMPLEX, 0.7, INK, 1, cv2.LINE_AA)
        for column, face in enumerate(faces[:FACES]):
            left = label_width + GAP + column * step
            sheet[top : top + SIDE, left : left + SIDE] = face
    return sheet


def save_sheet(aligned: Path, sheet: np.ndarray, *, name: str = "people") -> Path | None:
    """Write `sheet` as NAME.jpg to the folder of the faces with _NAME at its end; None where that fails, which is reported."""
    path = aligned.with_name(fitting(aligned.name, f"_{name}")) / f"{name}.jpg"
    try:
        own_folder(path.parent, fix=tr("Move it elsewhere."))
        write_atomically(path, cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes())
    except UserError as error:
        notice(str(error))
        return None
    except OSError as error:
        notice(tr("Cannot write {path}: {reason}", path=path, reason=system_reason(error)))
        return None
    return path


def sheet_face(picture: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """(SIDE, SIDE, 3): a face of `picture` with some of what surrounds it."""
    return warp(picture, transform_matrix(np.asarray(landmarks, np.float64), SIDE, FaceType.WHOLE), SIDE)


def samples(items: Sequence, quality: Callable[[object], float]) -> list:
    """Up to FACES of `items`, which are in the order of time: the best of each of as many equal stretches."""
    count = min(FACES, len(items))
    edges = [round(number * len(items) / max(count, 1)) for number in range(count + 1)]
    return [max(items[start:end], key=quality) for start, end in pairwise(edges)]
