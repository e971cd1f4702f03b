"""Labels and masks in the files of faces: the polygons a person drew, and the mask a network made.

Only the face data changes; the picture is never encoded again, and every other field stays. A file is replaced whole or not at all.
Two programs that change one face at the same time, as the editor and `dfl xseg apply` may, wait for each other.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from samplers.files.dfl_image import read_fields, write_face_info
from samplers.files.face_info import encode_mask, polygons_field
from samplers.files.regular_file import read_regular
from samplers.geometry.landmarks import FARTHEST
from samplers.geometry.polygons import Polygon

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

POLYGONS, MASK = "seg_ie_polys", "xseg_mask"  # keys of the face data


class ImpossiblePolygon(ValueError):
    """A polygon with points that are no finite places near the picture; DeepFaceLab could not draw it."""


def save_labels(path: Path, polygons: Iterable[Polygon]) -> bool:
    """Make `polygons` the labels of the face in the file at `path`; returns whether that changed it.

    Polygons without points are left out, as DeepFaceLab does; without any polygon the field goes.

    raises  ImpossiblePolygon; READ_ERRORS of samplers.files.face, FaceDataTooLarge; nothing is changed then
    """
    drawn = tuple(polygon for polygon in map(checked, polygons) if len(polygon.points))
    return change_fields(path, {POLYGONS: polygons_field(drawn)})


def drop_labels(path: Path) -> bool:
    """Remove the polygons; returns whether there were any. Raises what `save_labels` raises."""
    return change_fields(path, {POLYGONS: None})


def save_mask(path: Path, mask: np.ndarray) -> bool:
    """Make `mask` (H, W[, 1]) 0..1 the XSeg mask of the face; returns whether that changed it. Raises what `save_labels` raises."""
    return change_fields(path, {MASK: encode_mask(mask)})


def drop_mask(path: Path) -> bool:
    """Remove the XSeg mask; returns whether there was one. Raises what `save_labels` raises."""
    return change_fields(path, {MASK: None})


def change_fields(path: Path, changes: dict) -> bool:
    """Set fields of the face data, or remove those whose value is None; returns whether the file changed."""
    with alone(path):
        before = read_fields(read_regular(path))
        fields = {key: value for key, value in (before | changes).items() if value is not None}
        if not fields.keys() ^ before.keys() and all(
            same(fields[key], before[key]) for key in changes if key in fields
        ):
            return False
        write_face_info(path, fields)
        return True


def checked(polygon: Polygon) -> Polygon:
    """`polygon` with its points as (N, 2) float32. Raises ImpossiblePolygon."""
    points = np.asarray(polygon.points, np.float32).reshape(-1, 2)
    if not (np.abs(points) <= FARTHEST).all():  # false for NaN, too
        raise ImpossiblePolygon(str(points.tolist())[:80])
    return Polygon(polygon.type, points)


def same(one: object, other: object) -> bool:
    """Whether two values of the face data are equal; arrays by type, shape and contents."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        arrays = isinstance(one, np.ndarray) and isinstance(other, np.ndarray)
        return arrays and one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Nobody else changes the face at `path` in here; where files cannot be locked (Windows, some network drives) this is not so.

    Saving replaces the file, so whoever waited for the old one looks again.
    """
    if not fcntl:
        yield
        return
    while True:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a FIFO would block
        try:
            with contextlib.suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                yield
                return
        finally:
            os.close(descriptor)
