"""What the page shows, as JSON."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable

import numpy as np

from dfl_cli.xseg.assist.hull import hull_polygon
from dfl_cli.xseg.edit.assists import Assists
from dfl_cli.xseg.edit.face_list import FILTERS
from dfl_cli.xseg.edit.session import EditSession
from dfl_cli.xseg.edit.versions import Labels
from samplers.files.face_info import FaceInfo
from samplers.files.names import printable
from samplers.geometry.polygons import Polygon

RUN = secrets.token_hex(4)  # numbers of another run name other faces, also in the cache of the browser
AHEAD = (1, 2, -1)  # steps to the faces that the page loads before they are wanted


def setup(session: EditSession, assists: Assists) -> dict:
    """What stays the same while the page is open."""
    folder = hashlib.blake2b(str(session.folder).encode(errors="surrogateescape"), digest_size=6).hexdigest()
    segments = assists.segmenter is not None
    return {"run": RUN, "folder": folder, "orders": session.faces.orders, "filters": FILTERS, "segments": segments}


def state(session: EditSession, since: int) -> dict:
    """All but the rows of the list. since: revision that the page knows; later changes are listed."""
    with session.lock:
        faces = session.faces
        there = ~faces.gone
        return {
            "run": RUN,
            "revision": session.revision,
            "changed": session.changed_since(since),
            "total": int(there.sum()),
            "labeled": int((faces.labeled & there).sum()),
            "masked": int((faces.masked & there).sum()),
            "trashed": len(session.trashed),
        }


def face_rows(session: EditSession, which: str, order: str, first: int, end: int) -> dict:
    """The faces that are shown from `first` on, up to `end`, and how many are shown in all."""
    with session.lock:
        faces = session.faces
        shown = faces.shown(which, order)
        rows = [
            {
                "number": number,
                "name": printable(faces.names[number]),
                "thumb": f"/thumb/{number}?v={RUN}",
                "labeled": bool(faces.labeled[number]),
                "masked": bool(faces.masked[number]),
            }
            for number in shown[first:end].tolist()
        ]
        return {"revision": session.revision, "count": len(shown), "first": first, "rows": rows}


def found_face(session: EditSession, number: int | None, which: str, order: str) -> dict:
    """A face, where it stands in the list (None: the filter hides it), and those that may be wanted next."""
    if number is None:
        return {"number": None, "place": None, "near": []}
    faces = session.faces
    places = np.flatnonzero(faces.shown(which, order) == number)
    near = [faces.step(number, by, which=which, order=order) for by in AHEAD]
    return {
        "number": number,
        "place": int(places[0]) if len(places) else None,
        "near": [one for one in dict.fromkeys(near) if one is not None],
    }


def face_details(session: EditSession, number: int, info: FaceInfo) -> dict:
    """A face for the editor."""
    return {
        "run": RUN,
        "number": number,
        "name": printable(session.faces.names[number]),
        "size": [info.shape[1], info.shape[0]],
        "masked": info.xseg_mask is not None,
        "hull": polygon_values(hull_polygon(info.landmarks, eyebrows_expand_mod=info.eyebrows_expand_mod)),
        "revision": session.changes.get(number, 0),
        **labels(Labels(info.polygons)),
    }


def labels(labels: Labels) -> dict:
    return {"version": labels.version, "polygons": polygons(labels.polygons)}


def polygons(polygons: Iterable[Polygon]) -> list[dict]:
    return [polygon_values(each) for each in polygons]


def polygon_values(polygon: Polygon) -> dict:
    return {"type": int(polygon.type), "points": np.float64(polygon.points).tolist()}
