"""One training sample of a face: picture bent and straight, and its masks, all moved by the same draw (facesets.md 3.5 to 3.10)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np

from samplers.colors.color import apply_hsv, draw_hsv
from samplers.colors.linear import Measured
from samplers.colors.transfer import transfer
from samplers.files.faces import Face
from samplers.geometry.face_types import FaceType, covers
from samplers.prepared_face import PreparedFace, prepare, prepare_reference
from samplers.scratch import Scratch
from samplers.spec import SampleSpec
from samplers.warp import RandomAffine, Sampling, apply_warp, centered, draw_affine, draw_grid

MASK = Sampling(cv2.INTER_LINEAR, cv2.BORDER_CONSTANT)
PICTURE = Sampling(cv2.INTER_CUBIC, cv2.BORDER_REPLICATE)
CENTERED_PICTURE = PICTURE._replace(grid_border=cv2.BORDER_REPLICATE)


class Sample(NamedTuple):
    """float32; R is the resolution."""

    warped: np.ndarray  # (R, R, 3) 0..1 what the network is shown
    target: np.ndarray  # (R, R, 3) 0..1 what it shall answer
    mask: np.ndarray  # (R, R, 1) 0..1 the face in `target`
    mask_em: np.ndarray  # (R, R, 1) 0..1 eyes and mouth in `target`


class FaceSampler:
    """Draws samples of faces. One may serve several threads; a sample depends on its face and seed alone."""

    def __init__(self, spec: SampleSpec):
        self.spec = spec
        self._transfer = None if spec.ct_mode == "none" else transfer(spec.ct_mode, exact=spec.exact_ct)
        self._rngs = _RandomStates()
        self._scratch = Scratch()

    def sample(self, face: Face, seed: int, reference: Face | None = None) -> Sample:
        """The sample that `seed` (0 <= seed < 2**31) draws; `reference` lends its colors if `spec.ct_mode` takes any."""
        colors = self.prepare_reference(reference)[0] if self._transfer else None
        return self.draw(self.prepare(face), seed, colors)

    def prepare(self, face: Face) -> PreparedFace:
        """The part of a sample that no draw changes, to be kept for the next one."""
        prepared = prepare(face, self.spec.resolution, self.spec.face_type, smooth=self.spec.smooth_resize)
        if self._transfer is None:
            return prepared
        measured = self._transfer.image_stats(prepared.image)
        return prepared._replace(image=measured.base, color=measured.numbers)

    def prepare_reference(self, face: Face) -> tuple[np.ndarray]:
        """What the color transfer takes of the face that lends its colors, as `draw` wants it, alone in a tuple."""
        picture = prepare_reference(face, self.spec.resolution, smooth=self.spec.smooth_resize)
        return (self._transfer.reference_stats(picture),)

    def draw(
        self, prepared: PreparedFace, seed: int, colors: np.ndarray | None = None, into: Sample | None = None
    ) -> Sample:
        """A sample of a prepared face; `colors` is the prepared reference. Written over `into` if that is given."""
        spec, rngs = self.spec, self._rngs
        rngs.affine.seed(seed)  # reseeding costs 2 us, making a RandomState over 100
        rngs.grid.seed(seed)
        affine = draw_affine(rngs.affine, spec.resolution, spec.ranges, may_flip=spec.random_flip)
        sample = into or _empty_sample(spec.resolution)
        image = prepared.image if self._transfer is None else self._recolored(prepared, colors, seed)
        self._move(image, affine, sample.target)
        self._move_warped(image, affine, sample)
        for mask, moved in ((prepared.mask, sample.mask), (prepared.eyes_mouth, sample.mask_em)):
            apply_warp(mask, affine, flip=affine.flip, sampling=MASK, scratch=self._scratch, out=moved)
        _scale_to_one(sample.mask_em)
        return sample

    def _recolored(self, prepared: PreparedFace, colors: np.ndarray, seed: int) -> np.ndarray:
        self._rngs.color.seed(seed)
        measured = Measured(prepared.image, prepared.color)
        image = self._transfer.apply(measured, colors, self._rngs.color, self._scratch)
        return np.clip(image, 0, 1, out=image)

    def _move_warped(self, image: np.ndarray, affine: RandomAffine, sample: Sample) -> None:
        """`image` as the network is shown it; the affine has just been drawn, the color shift comes next from its state."""
        spec = self.spec
        if not spec.random_hsv_power and not spec.random_warp:
            sample.warped[:] = sample.target
            return
        if spec.random_hsv_power:
            image = apply_hsv(image, draw_hsv(self._rngs.affine, spec.random_hsv_power))
        grid = draw_grid(self._rngs.grid, spec.resolution, self._scratch) if spec.random_warp else None
        if grid and spec.centered_warp:
            grid = centered(grid)
        self._move(image, affine, sample.warped, grid)

    def _move(self, image: np.ndarray, affine: RandomAffine, out: np.ndarray, grid=None) -> None:
        sampling = CENTERED_PICTURE if self.spec.centered_warp else PICTURE
        apply_warp(image, affine, grid, flip=affine.flip, sampling=sampling, scratch=self._scratch, out=out)
        np.clip(out, 0, 1, out=out)


def _empty_sample(side: int) -> Sample:
    return Sample(*(np.empty((side, side, channels), np.float32) for channels in (3, 3, 1, 1)))


def smaller_types(faces: Iterable[Face], face_type: FaceType) -> Counter[FaceType]:
    """How many faces show less than `face_type` needs, by their type; training on them smears their edges."""
    return Counter(face.face_type for face in faces if not covers(face.face_type, face_type))


class _RandomStates(threading.local):
    """Each thread's own generators. `RandomState`, as the reference: the same seed draws the same sample."""

    def __init__(self):
        self.affine, self.grid, self.color = (np.random.RandomState(0) for _ in range(3))


def _scale_to_one(mask: np.ndarray) -> None:
    peak = mask.max()
    if peak:
        mask /= peak
