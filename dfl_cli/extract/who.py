"""Between the two passes: who is in the frames, a picture of them, and whose faces are cut."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.errors import UserError
from dfl_cli.extract.people.census import Census
from dfl_cli.extract.people.contact_sheet import ROWS, contact_sheet, samples, sheet_face
from dfl_cli.extract.people.wanted import people_text
from dfl_cli.extract.places import Places
from dfl_cli.extract.records import FaceRecord, FrameRecord
from dfl_cli.frames import UnreadableFrame, read_frame
from dfl_cli.options.outputs import own_folder
from dfl_cli.preview.terminal import TerminalScreen, can_draw
from dfl_cli.terminal.console import notice
from dfl_cli.translate import ntr, system_reason, tr
from samplers.files.atomic_file import write_atomically

SHEET = "people.jpg"  # in the folder of the aligned faces with _people at its end
QUALITY = 90


def show_people(census: Census, places: Places, *, on_screen: bool) -> None:
    """Write the contact sheet, say where it is, and draw it where the terminal can. A disk that is full costs the sheet only."""
    folder = places.beside("_people")
    sheet = contact_sheet(sheet_rows(census, places.frames))
    try:
        own_folder(folder, fix=tr("Move it elsewhere."))
        write_atomically(folder / SHEET, cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes())
        notice(tr("Pictures of everybody: {path}", path=folder / SHEET))
    except UserError as error:
        notice(str(error))
    except OSError as error:
        notice(tr("Cannot write {path}: {reason}", path=folder / SHEET, reason=system_reason(error)))
    if on_screen and can_draw():
        with TerminalScreen() as screen:
            if screen.graphics != "blocks":  # too coarse to know anybody by
                screen.show(sheet, people_text(census.counts))


def sheet_rows(census: Census, frames: Path) -> list[tuple[str, list[np.ndarray]]]:
    """Label and faces of each person."""
    rows = []
    for person in census.grouping.people[:ROWS]:
        seen = list(census.faces_of(person.parts))
        chosen = samples(seen, quality=lambda pair: pair[1].presence)
        rows.append((f"{person.name}  {person.count}", faces_in(frames, chosen)))
    return rows


def faces_in(frames: Path, chosen: Sequence[tuple[FrameRecord, FaceRecord]]) -> list[np.ndarray]:
    """The faces cut from the files of their frames; a frame that cannot be read any more is left out."""
    found = []
    for frame, face in chosen:
        try:
            found.append(sheet_face(read_frame(frames / frame.name), face.landmarks))
        except (UnreadableFrame, OSError):
            continue
    return found


def mention_unsure(census: Census, parts: frozenset[int] | None) -> None:
    """Say how many faces were left out because nobody knows whose they are."""
    if parts is None:
        return
    count = sum(len(census.tracks[number]) for number in census.grouping.unsure if number not in parts)
    if count:
        notice(
            ntr(
                "{count} face cannot be assigned to a person and is left out.",
                "{count} faces cannot be assigned to a person and are left out.",
                count=count,
            )
        )
