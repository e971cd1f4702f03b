"""From a face set, and a network where there is one, to the faces that should be labeled next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dfl_cli.faceset.images import THREADS
from dfl_cli.xseg.apply.painter import Painter
from dfl_cli.xseg.predict import MaskNetwork
from dfl_cli.xseg.suggest.cache import Cache
from dfl_cli.xseg.suggest.doubt import COLUMNS, doubts, evenly_in_pairs, look_at
from dfl_cli.xseg.suggest.look import SIDE, comparable, direction, small_picture
from dfl_cli.xseg.suggest.ranking import Looks, rank
from samplers.files.face import Face, Skipped, UnreadableImage, reason_of
from samplers.files.file_range import content_fingerprint
from samplers.xseg.labeled_face import has_polygons

PART = 256  # faces that are read between two looks at whether to stop
LOOKS, DOUBTS = "looks.npz", "doubts.npz"  # what is kept beside the order


class Chosen(NamedTuple):
    """A face that is suggested, and why; None: without a network, or not known."""

    name: str
    score: float  # only its order means something
    novelty: float  # 0..1
    uncertainty: float | None  # 0..1, of the edge of the mask
    flicker: float | None  # 1 - IoU with the mask of a neighbor in time
    yaw: float  # degrees, negative looks to the left of the picture
    pitch: float  # degrees, positive looks up


class Found(NamedTuple):
    chosen: list[Chosen]
    labeled: int
    looked_at: int  # by the network
    skipped: list[Skipped]


class Stopped(Exception):
    """A signal came; what was found out so far is kept."""


class Progress(NamedTuple):
    """How the work shows itself."""

    reading: Callable[[int], AbstractContextManager]  # (faces) -> a progress bar
    painting: Callable[[int], AbstractContextManager]
    stopped: Callable[[], bool]


def suggest(
    faces: Sequence[Face], network: MaskNetwork | None, folder: Path, progress: Progress, *, count: int, most: int
) -> Found:
    """The `count` unlabeled faces to label next.

    folder  where the cache is
    most    faces that the network is shown
    raises  Stopped; MemoryError where the network cannot take even one face
    """
    keys, skipped = keys_of(faces)
    pictures = small_pictures(faces, keys, Cache(folder / LOOKS, {"small": (np.uint8, (SIDE, SIDE, 3))}), progress)
    skipped += pictures.skipped
    usable = [index for index, key in keys.items() if key in pictures.rows]
    faces = [faces[index] for index in usable]
    keys = [keys[index] for index in usable]
    looks = Looks(
        np.array([direction(face) for face in faces]).reshape(-1, 2),
        comparable(np.array([pictures.rows[key][0] for key in keys], np.uint8).reshape(-1, SIDE, SIDE, 3)),
    )
    shown, found = range(len(faces)), None
    if network is not None:
        shown = evenly_in_pairs(faces, most)
        cache = Cache(folder / DOUBTS, COLUMNS, network.fingerprint)
        skipped += painted(
            [faces[index] for index in shown], [keys[index] for index in shown], network, cache, progress
        )
        found = doubts(faces, keys, cache)
        shown = [index for index in shown if keys[index] in cache.rows]
    labeled = [index for index, face in enumerate(faces) if has_polygons(face)]
    ranked = rank(looks, labeled, sorted(set(shown) - set(labeled)), count=count, doubts=found)
    chosen = [
        Chosen(
            faces[one.index].name, round(one.score, 4), round(one.novelty, 3),
            *(rounded(values[one.index]) for values in found or ((np.nan,) * len(faces),) * 2),
            *(round(float(angle), 1) for angle in looks.directions[one.index]),
        )
        for one in ranked
    ]  # fmt: skip
    return Found(chosen, len(labeled), len(shown) if network else 0, skipped)


def rounded(value: float) -> float | None:
    return round(float(value), 3) if np.isfinite(value) else None


def keys_of(faces: Sequence[Face]) -> tuple[dict[int, bytes], list[Skipped]]:
    """Index of a face -> what changes with its file."""
    found, skipped = {}, []

    def key(face: Face) -> bytes | Skipped:
        try:
            return content_fingerprint(face.file_range)
        except OSError as error:
            return Skipped(face.name, reason_of(error))

    with ThreadPoolExecutor(THREADS) as pool:
        for index, one in enumerate(pool.map(key, faces)):
            if isinstance(one, Skipped):
                skipped.append(one)
            else:
                found[index] = one
    return found, skipped


class SmallPictures(NamedTuple):
    rows: Mapping[bytes, tuple[np.ndarray, ...]]
    skipped: list[Skipped]


def small_pictures(faces: Sequence[Face], keys: Mapping[int, bytes], cache: Cache, progress: Progress) -> SmallPictures:
    """Of all faces that can be read; those not in `cache` are read now. Raises Stopped."""
    missing = [index for index, key in keys.items() if key not in cache.rows]
    skipped: list[Skipped] = []

    def read(index: int) -> np.ndarray | Skipped:
        try:
            return small_picture(faces[index].read())
        except UnreadableImage as error:
            return Skipped(error.name, error.reason)

    if not missing:
        return SmallPictures(cache.rows, skipped)
    try:
        with progress.reading(len(missing)) as bar, ThreadPoolExecutor(THREADS) as pool:
            for start in range(0, len(missing), PART):
                part = missing[start : start + PART]
                for index, one in zip(part, pool.map(read, part), strict=True):
                    if isinstance(one, Skipped):
                        skipped.append(one)
                    else:
                        cache.rows[keys[index]] = (one,)
                bar.update(len(part))
                if progress.stopped():
                    raise Stopped
    finally:
        cache.save(keys.values())
    return SmallPictures(cache.rows, skipped)


def painted(
    faces: Sequence[Face], keys: Sequence[bytes], network: MaskNetwork, cache: Cache, progress: Progress
) -> list[Skipped]:
    """Show the network the faces that are not in `cache`; returns those it could not be shown. Raises Stopped, MemoryError."""
    missing = {key: face for key, face in zip(keys, faces, strict=True) if key not in cache.rows}
    if not missing:
        return []
    try:
        with progress.painting(len(missing)) as bar:
            skipped = look_at(missing, Painter(network), cache, on_faces=bar.update, stopped=progress.stopped)
    finally:
        cache.save(keys)
    if progress.stopped():
        raise Stopped
    return skipped
