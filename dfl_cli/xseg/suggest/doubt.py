"""How much a network doubts its masks of faces, and how much they flicker; kept from call to call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby, pairwise

import numpy as np

from dfl_cli.faceset.images import THREADS
from dfl_cli.xseg.apply.painter import Painter
from dfl_cli.xseg.apply.quality import SMALL, Painted, changes, confidence, painted
from dfl_cli.xseg.apply.view import View, view_of
from dfl_cli.xseg.predict import SIDE
from dfl_cli.xseg.suggest.cache import Cache
from dfl_cli.xseg.suggest.ranking import Doubts
from samplers.files.face import Face, Skipped, UnreadableImage
from samplers.files.reason import Fault, Reason
from samplers.geometry.align import FlatLandmarks
from samplers.geometry.face_types import FaceType
from samplers.geometry.landmarks import WrongLandmarks
from samplers.xseg.held_out import moment_of

LONGEST_GAP = 3  # frames from one face to its neighbor in time
COLUMNS = {
    "uncertainty": (np.float32, ()),  # 0..1
    "mask": (np.uint8, (SMALL * SMALL // 8,)),  # bits
    "landmarks": (np.float32, (68, 2)),  # pixels of the small mask
}


def look_at(
    faces: Mapping[bytes, Face],
    painter: Painter,
    cache: Cache,
    *,
    on_faces: Callable[[int], None],
    stopped: Callable[[], bool],
) -> list[Skipped]:
    """Put what the network makes of `faces`, by their keys, into `cache`; returns those that cannot be read. Raises MemoryError.

    on_faces  called with how many more are done
    """
    skipped: list[Skipped] = []
    for part in parts(faces, painter):
        if stopped():
            break
        views = {key: view for key, view in part if isinstance(view, View)}
        skipped += [view for _, view in part if isinstance(view, Skipped)]
        probabilities = painter.probabilities([view.picture for view in views.values()])
        for (key, view), found in zip(views.items(), probabilities, strict=True):
            cache.rows[key] = row(found, view)
        on_faces(len(part))
    return skipped


def parts(faces: Mapping[bytes, Face], painter: Painter) -> Iterator[list[tuple[bytes, View | Skipped]]]:
    """The faces in parts of as many as the network takes at once, the next part being read meanwhile."""
    keys, kind = list(faces), painter.network.face_type
    with ThreadPoolExecutor(THREADS, thread_name_prefix="faces") as pool:
        coming, place = [], 0
        while place < len(keys) or coming:
            before = coming
            taken = keys[place : place + painter.at_once]
            coming = [(key, pool.submit(load, faces[key], kind)) for key in taken]
            place += len(taken)
            if before:
                yield [(key, future.result()) for key, future in before]


def load(face: Face, face_type: FaceType | None) -> View | Skipped:
    """What the network is to see of a face."""
    try:
        return view_of(face.read_info(), face.read(), face_type)
    except UnreadableImage as error:
        return Skipped(face.name, error.reason)
    except (FlatLandmarks, WrongLandmarks) as error:
        return Skipped(face.name, Reason(Fault.LANDMARKS, error.fact))


def row(probabilities: np.ndarray, view: View) -> tuple[np.ndarray, ...]:
    """As `COLUMNS` says; probabilities (256, 256)."""
    small = painted(probabilities, view.landmarks, (SIDE, SIDE))
    uncertainty = np.float32(1 - 2 * confidence(probabilities))
    return uncertainty, np.packbits(small.small), small.landmarks.astype(np.float32)


def doubts(faces: Sequence[Face], keys: Sequence[bytes], cache: Cache) -> Doubts:
    """Of all faces, as far as they are in `cache`."""
    uncertainty, flicker = np.full((2, len(faces)), np.nan)
    masks: dict[int, Painted] = {}
    for index, key in enumerate(keys):
        if key in cache.rows:
            uncertainty[index], bits, landmarks = cache.rows[key]
            masks[index] = Painted(np.unpackbits(bits).reshape(SMALL, SMALL).astype(bool), landmarks)
    for index, change in changes(masks, neighbors(faces)).items():
        flicker[index] = change
    return Doubts(uncertainty, flicker)


def neighbors(faces: Sequence[Face]) -> dict[int, list[int]]:
    """Index of a face -> the faces of the frames just before and after its own, as far as there are any within `LONGEST_GAP` frames."""
    moments = sorted((moment, index) for index, face in enumerate(faces) if (moment := moment_of(face)))
    frames = [(moment, [index for _, index in group]) for moment, group in groupby(moments, key=lambda one: one[0])]
    found: dict[int, list[int]] = {index: [] for _, indices in frames for index in indices}
    for (before, earlier), (after, later) in pairwise(frames):
        if before.series == after.series and after.frame - before.frame <= LONGEST_GAP:
            for index in earlier:
                found[index] += later
            for index in later:
                found[index] += earlier
    return found


def evenly_in_pairs(faces: Sequence[Face], most: int) -> list[int]:
    """About `most` faces spread over all, in the order of time, each with the one behind it: enough to see what flickers."""
    if len(faces) <= most:
        return list(range(len(faces)))
    moments = [(moment_of(face), index) for index, face in enumerate(faces)]
    order = [index for _, index in sorted(moments, key=lambda one: (one[0] is None, one[0] or (), one[1]))]
    starts = np.linspace(0, len(order) - 2, max(most // 2, 1)).astype(int)
    return sorted({order[place] for start in starts for place in (start, start + 1)})
