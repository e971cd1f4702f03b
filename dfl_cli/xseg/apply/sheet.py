"""The faces whose masks deserve a look: those the network is least sure of, and those that differ most from their neighbors in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.extract.people.contact_sheet import FACES, QUALITY, SIDE, contact_sheet, save_sheet
from dfl_cli.faceset.images import measure_all, picture_of
from dfl_cli.translate import tr
from dfl_cli.xseg.apply.quality import Painted, changes, painted
from dfl_cli.xseg.apply.tracks import find_tracks, neighbors
from dfl_cli.xseg.apply.view import INSIDE
from dfl_cli.xseg.face_files import FaceFile
from samplers.files.atomic_file import write_atomically
from samplers.files.face import Face, UnreadableImage
from samplers.files.faces import read_face

ROWS = 3  # of faces, for each of the two lists
LEAST_CHANGE = 0.02  # smaller ones are no flicker
LABEL = 110  # pixels
EDGE, OUTSIDE = (80, 220, 80), 0.35  # color of the edge of a mask, brightness outside of it


class Worst(NamedTuple):
    """Names of faces with what was measured, the worst first."""

    unsure: list[tuple[str, float]]  # confidence
    flicker: list[tuple[str, float]]  # difference from the neighbor in time that the mask is most like


NOBODY = Worst([], [])


def find_worst(files: Sequence[FaceFile], confidence: Mapping[int, float]) -> Worst:
    """Of the faces with a confidence, by their index in `files`; their masks are read again."""
    places = {id(files[index].face): index for index in confidence}

    def look(one) -> tuple[int, Painted | None]:
        face = read_face(one.path, one.name)
        mask = face.read_xseg_mask() if isinstance(face, Face) else None
        return places[id(one.face)], mask if mask is None else painted(mask, face.landmarks, face.shape)

    pictures = [picture_of(files[index].face) for index in confidence]
    found = dict(measure_all(pictures, look, tr("Comparing masks")).values)
    differs = changes({index: mask for index, mask in found.items() if mask}, neighbors(find_tracks(files)))
    most = FACES * ROWS
    unsure = sorted(confidence, key=lambda index: (confidence[index], files[index].face.name))[:most]
    flicker = sorted((index for index in differs if differs[index] > LEAST_CHANGE), key=lambda index: -differs[index])[
        :most
    ]
    return Worst(
        [(files[index].face.name, round(confidence[index], 4)) for index in unsure],
        [(files[index].face.name, round(differs[index], 4)) for index in flicker],
    )


def draw_sheet(worst: Worst, path_of: Callable[[str], Path]) -> np.ndarray:
    """The faces with their masks, (H, W, 3) uint8 BGR."""
    rows = []
    for label, faces in (("unsure", worst.unsure), ("flicker", worst.flicker)):
        for start in range(0, len(faces), FACES):
            tiles = [tile(path_of(name), name, value) for name, value in faces[start : start + FACES]]
            rows.append(("" if start else label, [one for one in tiles if one is not None]))
    return contact_sheet(rows, label_width=LABEL)


def tile(path: Path, name: str, value: float) -> np.ndarray | None:
    """(SIDE, SIDE, 3): a face, dark outside of its mask, with its name and number; None where it is gone."""
    face = read_face(path, name)
    try:
        picture, mask = (face.read(), face.read_xseg_mask()) if isinstance(face, Face) else (None, None)
    except UnreadableImage:
        return None
    if mask is None:
        return None
    small = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    inside = cv2.resize(mask, (SIDE, SIDE), interpolation=cv2.INTER_AREA) >= INSIDE
    drawn = np.where(inside[..., None], small, (small * OUTSIDE).astype(np.uint8))
    edges, _ = cv2.findContours(inside.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(drawn, edges, -1, EDGE, 1)
    for text, bottom in ((f"{value:.2f}", 12), (Path(name).stem[-14:].encode("ascii", "replace").decode(), SIDE - 4)):
        for color, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
            cv2.putText(drawn, text, (3, bottom), cv2.FONT_HERSHEY_SIMPLEX, 0.36, color, thickness, cv2.LINE_AA)
    return drawn


def write_sheet(worst: Worst, folder: Path, given: Path | None) -> Path | None:
    """The sheet as the file `given`, or beside the face set; None where it cannot be written, which is reported. Raises OSError."""
    sheet = draw_sheet(worst, lambda name: folder / name)
    if given is None:
        return save_sheet(folder, sheet, name="masks")
    options = [] if given.suffix.lower() == ".png" else [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    encoded = cv2.imencode(given.suffix, sheet, options)[1]
    write_atomically(given, encoded.tobytes())
    return given
