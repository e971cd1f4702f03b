"""Prepared faces in a given order, with the next one in place of one that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

import numpy as np

from samplers.face_cache import CachedFileRange, FaceCache
from samplers.files.faces import Face, Fault, Reason, Skipped, UnreadableImage
from samplers.geometry.align import FlatLandmarks
from samplers.sample_order import Shuffled, UniformYaw


class NoReadableFaces(Exception):
    """Not one face of a set can be read any more."""

    def __init__(self, skipped: list[Skipped]):
        super().__init__(f"none of {len(skipped)} faces can be read")
        self.skipped = skipped


class FaceSource:
    """`source[n]` is what `prepare` makes of the n-th face of the order, kept in `cache` under `key`.

    Which face replaces an unreadable one depends on n alone; NoReadableFaces when no other is left.
    """

    def __init__(
        self,
        faces: Sequence[Face],
        order: Shuffled | UniformYaw,
        *,
        prepare: Callable[[Face], tuple[np.ndarray, ...]],
        cache: FaceCache,
        key: Hashable,
    ):
        self.faces, self.order = faces, order
        self._prepare, self._cache, self._key = prepare, cache, key
        self._broken: dict[int, Skipped] = {}

    @property
    def skipped(self) -> list[Skipped]:
        """The faces that turned out to be unreadable, each once."""
        return list(self._broken.values())

    def __getitem__(self, n: int) -> tuple[np.ndarray, ...]:
        for place in range(n, n + 2 * self.order.period):
            index = self.order[place]
            if index in self._broken:
                continue
            try:
                return self._cache.get((self._key, index), lambda index=index: self._prepared(index))
            except UnreadableImage as error:
                reason = error.reason
            except FlatLandmarks:
                reason = Reason(Fault.LANDMARKS, "they lie in one place")
            self._broken.setdefault(index, Skipped(self.faces[index].name, reason))
        raise NoReadableFaces(self.skipped)

    def _prepared(self, index: int) -> tuple[np.ndarray, ...]:
        face = self.faces[index]
        return self._prepare(replace(face, file_range=CachedFileRange(face.file_range, self._cache)))
