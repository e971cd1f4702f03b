"""Batches of what XSeg learns from: labeled faces, or in pretraining any faces."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from samplers.face_cache import FaceCache, free_memory
from samplers.face_source import FaceSource
from samplers.files.faces import Face, Skipped
from samplers.geometry.face_types import FaceType
from samplers.made_ahead import MadeAhead, empty_pictures
from samplers.prepared_face import prepare_picture
from samplers.sample_order import Shuffled
from samplers.scratch import Scratch
from samplers.warp import apply_warp, draw_affine, draw_grid
from samplers.xseg.label_sampler import FACE, PICTURE, LabelSample, LabelSampler
from samplers.xseg.labeled_face import NoLabels, labeled_faces

__all__ = ["LabelBatch", "NoLabels", "PretrainBatch", "XSegBatches", "XSegPretrainBatches"]

RESOLUTION = 256  # pixels, of the network
MOST_WORKERS = 8
TRAINING, PRETRAINING = 2, 3  # after the sides src and dst of `samplers.batches`
FACES, BACKGROUNDS, SEEDS = range(3)  # uses of random numbers that must not share a stream


class LabelBatch(NamedTuple):
    """float32; B samples of resolution R."""

    pictures: np.ndarray  # (B, R, R, 3) 0..1
    masks: np.ndarray  # (B, R, R, 1) 0 or 1


class PretrainBatch(NamedTuple):
    """float32; B samples of resolution R."""

    pictures: np.ndarray  # (B, R, R, 3) 0..1, bent
    grays: np.ndarray  # (B, R, R, 1) 0..1, the same in gray: what the network learns to draw


class PretrainSampler:
    """Draws pictures to pretrain with. One may serve several threads."""

    def __init__(self, resolution: int, face_type: FaceType):
        self.resolution, self.face_type = resolution, face_type
        self._scratch = Scratch()

    def prepare(self, face: Face) -> tuple[np.ndarray]:
        return (prepare_picture(face, self.resolution, self.face_type),)

    def draw(self, image: np.ndarray, rng: np.random.RandomState, out: np.ndarray) -> None:
        """`image` bent and moved; both draws start from the same state, as the reference's do."""
        start = rng.get_state(legacy=False)
        affine = draw_affine(rng, self.resolution, FACE, may_flip=True)
        rng.set_state(start)
        grid = draw_grid(rng, self.resolution, self._scratch)
        apply_warp(image, affine, grid, flip=affine.flip, sampling=PICTURE, scratch=self._scratch, out=out)
        np.clip(out, 0, 1, out=out)


class _XSegBatches(MadeAhead):
    """What both kinds have in common: faces in an order, one generator of random numbers for each thread."""

    purpose: int
    sampler_type: type[LabelSampler | PretrainSampler]
    uses: tuple[int, ...]  # of faces, each in an order of its own

    def __init__(
        self,
        facesets: Iterable[Sequence[Face]],
        *,
        face_type: FaceType,
        batch_size: int,
        seed: int,
        start: int = 0,
        workers: int | None = None,
        resolution: int = RESOLUTION,
        cache: FaceCache | None = None,
    ):
        super().__init__(workers=workers or usual_workers(), start=start, name="samples-xseg")
        self.batch_size, self.resolution = batch_size, resolution
        self._key = (seed, self.purpose)
        self._faces = self.usable_faces(facesets)
        self._sampler = self.sampler_type(resolution, face_type)
        self._cache = cache if cache is not None else FaceCache(free_memory() // 8)
        self._sources = [self._source(use) for use in self.uses]
        self._rng = _RandomState()

    def usable_faces(self, facesets: Iterable[Sequence[Face]]) -> Sequence[Face]:
        raise NotImplementedError

    @property
    def skipped(self) -> list[Skipped]:
        """Usable faces that turned out to be unreadable, each once."""
        return list(dict.fromkeys(face for source in self._sources for face in source.skipped))

    def _source(self, use: int) -> FaceSource:
        """The faces in the order of this use; all uses share what is kept of a face."""
        order = Shuffled(len(self._faces), (*self._key, use))
        return FaceSource(self._faces, order, prepare=self._sampler.prepare, cache=self._cache, key=self._key)

    def _seeded(self, number: int) -> Iterable[tuple[int, int, np.random.RandomState]]:
        """For each sample of batch `number`: its place in it, in the order of faces, and its seeded generator."""
        seeds = np.random.default_rng((*self._key, SEEDS, number)).integers(2**31, size=self.batch_size)
        for i, seed in enumerate(seeds):
            self.check_open()
            self._rng.state.seed(int(seed))  # reseeding costs 2 us, making a RandomState over 100
            yield i, number * self.batch_size + i, self._rng.state


class XSegBatches(_XSegBatches, MadeAhead[LabelBatch]):
    """Batch after batch of labeled faces, from batch number `start` on; a context manager, or call `close()`.

    Batch n depends on (faces, face type, resolution, batch size, seed, n) alone: neither on how many workers there are nor
    on where a run started. A face that cannot be read is named once in `skipped`, and the next in order takes its place.

    facesets  sequences of Face; those with polygons are used, or where none has any, those with a mask
    workers   threads; None takes one for each core, eight at most
    cache     None makes one of an eighth of the free memory
    raises    NoLabels
    """

    purpose, sampler_type, uses = TRAINING, LabelSampler, (FACES, BACKGROUNDS)

    def usable_faces(self, facesets: Iterable[Sequence[Face]]) -> Sequence[Face]:
        return labeled_faces(facesets)

    @property
    def labeled(self) -> int:
        """How many faces are trained on."""
        return len(self._faces)

    def make(self, number: int) -> LabelBatch:
        """Batch `number`, made here and now; CancelledError after `close()`."""
        batch = LabelBatch(*empty_pictures(self.batch_size, self.resolution, (3, 1)))
        faces, backgrounds = self._sources
        for i, place, rng in self._seeded(number):
            face, behind = faces[place], lambda place=place: backgrounds[place]
            self._sampler.draw(face, rng, behind, LabelSample(batch.pictures[i], batch.masks[i]))
        return batch


class XSegPretrainBatches(_XSegBatches, MadeAhead[PretrainBatch]):
    """The same of faces without labels: the network learns to draw them in gray, so that it knows faces (facesets.md 3.5).

    facesets  sequences of Face; all faces are used
    """

    purpose, sampler_type, uses = PRETRAINING, PretrainSampler, (FACES,)

    def usable_faces(self, facesets: Iterable[Sequence[Face]]) -> Sequence[Face]:
        return [face for faceset in facesets for face in faceset]

    def make(self, number: int) -> PretrainBatch:
        """Batch `number`, made here and now; CancelledError after `close()`."""
        batch = PretrainBatch(*empty_pictures(self.batch_size, self.resolution, (3, 1)))
        (faces,) = self._sources
        for i, place, rng in self._seeded(number):
            (image,) = faces[place]
            self._sampler.draw(image, rng, batch.pictures[i])
            cv2.cvtColor(batch.pictures[i], cv2.COLOR_BGR2GRAY, dst=batch.grays[i])
        return batch


def usual_workers() -> int:
    return min(os.cpu_count() or 1, MOST_WORKERS)


class _RandomState(threading.local):
    """Each thread's own generator. `RandomState`, as the reference: the same seed draws the same sample."""

    def __init__(self):
        self.state = np.random.RandomState(0)
