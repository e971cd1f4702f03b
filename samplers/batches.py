"""Batches of samples of one side, src or dst."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from samplers.face_cache import FaceCache, free_memory
from samplers.face_sampler import FaceSampler, Sample
from samplers.face_source import FaceSource
from samplers.files.faces import Face, Skipped, yaws
from samplers.made_ahead import MadeAhead, empty_pictures
from samplers.sample_order import Shuffled, UniformYaw
from samplers.spec import SampleSpec

SIDES = {"src": 0, "dst": 1}
FACES, REFERENCES, SEEDS = range(3)  # uses of random numbers that must not share a stream


class SampleBatch(NamedTuple):
    """float32; B samples of resolution R, fields as in `Sample`."""

    warped: np.ndarray  # (B, R, R, 3)
    target: np.ndarray  # (B, R, R, 3)
    mask: np.ndarray  # (B, R, R, 1)
    mask_em: np.ndarray  # (B, R, R, 1)


class Batches(MadeAhead[SampleBatch]):
    """Batch after batch of one side, from batch number `start` on; a context manager, or call `close()`.

    Batch n depends on (faces, spec, seed, side, n) alone: neither on how many workers there are nor on where a run
    started. A face that cannot be read is named once in `skipped`, and the next in order takes its place.

    faceset       sequence of Face
    reference     sequence of Face whose colors `spec.ct_mode` takes; unreadable ones are left out without a word,
                  since the side that trains on them tells
    uniform_yaw   all head directions equally often, instead of all faces
    cache         shared with other sides; None makes one of an eighth of the free memory
    """

    def __init__(
        self,
        faceset: Sequence[Face],
        spec: SampleSpec,
        *,
        batch_size: int,
        seed: int,
        side: str,
        workers: int,
        start: int = 0,
        reference: Sequence[Face] | None = None,
        uniform_yaw: bool = False,
        cache: FaceCache | None = None,
    ):
        super().__init__(workers=workers, start=start, name=f"samples-{side}")
        self.batch_size = batch_size
        self._key = (seed, SIDES[side])
        self._sampler = FaceSampler(spec)
        cache = cache if cache is not None else FaceCache(free_memory() // 8)
        order = _order(faceset, (*self._key, FACES), uniform_yaw)
        prepare = self._sampler.prepare
        self._faces = FaceSource(faceset, order, prepare=prepare, cache=cache, key=(side, FACES))
        self._references = None
        if spec.ct_mode != "none":
            if reference is None:
                raise ValueError(f"{spec.ct_mode} takes colors from a reference, and there is none")
            order = Shuffled(len(reference), (*self._key, REFERENCES))
            prepare = self._sampler.prepare_reference
            self._references = FaceSource(reference, order, prepare=prepare, cache=cache, key=(side, REFERENCES))

    @property
    def skipped(self) -> list[Skipped]:
        """Faces of `faceset` that turned out to be unreadable since it was opened, each once."""
        return self._faces.skipped

    def make(self, number: int) -> SampleBatch:
        """Batch `number`, made here and now; CancelledError after `close()`."""
        side = self._sampler.spec.resolution
        batch = SampleBatch(*empty_pictures(self.batch_size, side, (3, 3, 1, 1)))  # first: MemoryError before any work
        seeds = np.random.default_rng((*self._key, SEEDS, number)).integers(2**31, size=self.batch_size)
        for i, seed in enumerate(seeds):
            self._draw(number * self.batch_size + i, int(seed), Sample(*(whole[i] for whole in batch)))
        return batch

    def _draw(self, place: int, seed: int, into: Sample) -> None:
        self.check_open()
        colors = self._references[place][0] if self._references is not None else None
        self._sampler.draw(self._faces[place], seed, colors, into)


def _order(faceset: Sequence[Face], key: tuple[int, ...], uniform_yaw: bool) -> Shuffled | UniformYaw:
    if uniform_yaw:
        return UniformYaw(yaws(faceset), key)
    return Shuffled(len(faceset), key)
