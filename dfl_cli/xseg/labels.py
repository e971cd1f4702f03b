"""Labels and masks in the files of faces: the polygons a person drew, and the mask a network made.

Only the face data changes; the picture is never encoded again, and every other field stays. A file is replaced whole or not at all.
Two programs that change one face at the same time, as the editor and `dfl xseg apply` may, wait for each other.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from samplers.files.atomic_file import write_atomically
from samplers.files.dfl_image import read_fields, write_fields
from samplers.files.regular_file import read_regular
from samplers.geometry.landmarks import FARTHEST
from samplers.geometry.polygons import Polygon

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

Faults = Callable[[], contextlib.AbstractContextManager]
POLYGONS, MASK = "seg_ie_polys", "xseg_mask"  # keys of the face data


class ImpossiblePolygon(ValueError):
    """A polygon with points that are no finite places near the picture; DeepFaceLab could not draw it."""


def change_fields(path: Path, change: Callable[[dict], dict], *, faults: Faults = contextlib.nullcontext) -> bool:
    """Replace the face data of the file at `path`, while nobody else can change it; returns whether the file changed.

    change  makes the new fields of the present ones; those whose value is None go
    faults  surrounds what depends on the content of the file, but not `change`, nor writing
    raises  READ_ERRORS of samplers.files.face, FaceDataTooLarge; OSError where the file cannot be written
    """
    with alone(path):
        with faults():
            encoded = read_regular(path)
            fields = read_fields(encoded)
        wanted = change(fields)
        with faults():
            changed = write_fields(encoded, wanted)
        if changed == encoded:
            return False
        write_atomically(path, changed)
        return True


def checked(polygon: Polygon) -> Polygon:
    """`polygon` with its points as (N, 2) float32. Raises ImpossiblePolygon."""
    points = np.asarray(polygon.points, np.float32).reshape(-1, 2)
    if not (np.abs(points) <= FARTHEST).all():  # false for NaN, too
        raise ImpossiblePolygon(str(points.tolist())[:80])
    return Polygon(polygon.type, points)


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
