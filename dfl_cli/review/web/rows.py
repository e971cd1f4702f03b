"""What the page shows, as JSON."""

from __future__ import annotations

import math
import secrets

from dfl_cli.extract.records import FaceRecord, FrameRecord
from dfl_cli.review.face_table import cut_faces_of, nearest
from dfl_cli.review.frame_editor import FrameEditor
from dfl_cli.review.frame_list import state_of
from dfl_cli.review.session import ReviewSession
from dfl_cli.review.sharpness import SharpnessWorker
from samplers.files.names import printable

RUN = secrets.token_hex(4)  # numbers of another run name other faces, also in the cache of the browser
SHARP = 5000  # square root of the variance of the Laplacian of a sharp face, by 100
DIGITS = {"yaw": 0, "pitch": 0, "size": 0, "confidence": 1, "distance": 2, "jitter": 3, "sharpness": 0}


def state(session: ReviewSession, worker: SharpnessWorker) -> dict:
    """All but the rows of the lists."""
    with session.lock:
        return {
            "revision": session.revision,
            "total": len(session.table),
            "shown": len(session.shown),
            "selected": len(session.selection.names),
            "trashed": len(session.trashed),
            "order": session.order,
            "reverse": session.reverse,
            "cells": sorted(session.chosen),
            "map": session.heat_map.tolist(),
            "frames": len(session.frames),
            "states": session.frame_counts,
            "measured": {"done": worker.done, "total": worker.total} if worker.running else None,
        }


def face_rows(session: ReviewSession, first: int, end: int) -> dict:
    """The faces that are shown from `first` on, up to `end`."""
    with session.lock:
        table, found = session.table, []
        for row in session.shown[first:end].tolist():
            name, frame = table.names[row], table.frames[row]
            number = session.numbers[name]
            values = {key: shown(key, float(table.values[key][row])) for key in DIGITS}
            found.append(
                {
                    "number": number,
                    "thumb": f"/thumb/{number}?v={RUN}-{session.versions.get(name, 0)}",
                    "name": printable(name),
                    "frame": session.frame_numbers.get(frame),
                    "selected": name in session.selection.names,
                    **values,
                }
            )
        return {"revision": session.revision, "first": first, "rows": found}


def frame_rows(session: ReviewSession, first: int, end: int) -> dict:
    """The frames of the list from `first` on, up to `end`."""
    with session.lock:
        found = [
            {
                "number": session.frame_numbers[frame.name],
                "name": printable(frame.name),
                "state": frame.state.value,
                "faces": frame.faces,
                "repaired": frame.repaired,
            }
            for frame in session.listed_frames[first:end]
        ]
        return {"revision": session.revision, "first": first, "rows": found}


def frame_details(editor: FrameEditor, name: str) -> dict:
    """A frame for the editor. Raises UserError where its picture cannot be used."""
    height, width = editor.picture(name).shape[:2]
    session = editor.session
    with session.lock:
        frame, repaired = session.frames[name], name in session.index.repairs
        return {
            "number": session.frame_numbers[name],
            "place": next(place for place, one in enumerate(session.listed_frames) if one.name == name),
            "name": printable(name),
            "size": [width, height],
            "state": state_of(frame, repaired=repaired).value,
            "repaired": repaired,
            "version": session.repaired_here[name],
            "faces": [{"number": number, **face_values(face)} for number, face in enumerate(frame.faces)],
            "files": files_of(session, frame),
            "revision": session.revision,
        }


def files_of(session: ReviewSession, frame: FrameRecord) -> dict[int, int]:
    """Number of a file on the page -> number of its face in the frame."""
    found = {}
    for face in cut_faces_of(session.index, [frame]):
        if face.name in session.numbers:
            found[session.numbers[face.name]] = frame.faces.index(nearest(frame.faces, face.landmarks))
    return found


def drawn_face(number: int, face: FaceRecord, found: bool) -> dict:
    """A face for a box; `found`: whether the networks found its points."""
    return {"drawn": number, "found": found, **face_values(face)}


def face_values(face: FaceRecord) -> dict:
    return {
        "box": [round(float(side), 2) for side in face.box],
        "points": [[round(float(x), 3), round(float(y), 3)] for x, y in face.landmarks],
        "sure": face.is_sure,
        "by_hand": face.by_hand,
    }


def shown(key: str, value: float) -> float | None:
    """A value of the table for a person; None where it is not known."""
    if not math.isfinite(value):
        return None
    value = math.sqrt(value) / SHARP if key == "sharpness" else value
    return round(value, DIGITS[key])
