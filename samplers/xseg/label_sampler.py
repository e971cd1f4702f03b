"""One training sample of XSeg: a labeled face moved, lit, blurred, and with something else behind it (facesets.md 7.4).

The random numbers are the reference's, one after the other from one `RandomState`, so that the same state gives the same sample.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from samplers.files.faces import Face
from samplers.geometry.face_types import FaceType
from samplers.scratch import Scratch
from samplers.warp import RandomAffine, Ranges, Sampling, apply_warp, draw_affine, draw_grid
from samplers.xseg import filters
from samplers.xseg.labeled_face import LabeledFace, prepare_labeled

FACE = Ranges(rotation=(-10, 10), scale=(-0.05, 0.05), shift=(-0.05, 0.05))
BACKGROUND = Ranges(rotation=(-180, 180), scale=(-0.10, 0.10), shift=(-0.10, 0.10))
PICTURE = Sampling(cv2.INTER_CUBIC, cv2.BORDER_REPLICATE)
MASK = Sampling(cv2.INTER_CUBIC, cv2.BORDER_CONSTANT)
CHANCE = 25  # percent, of each filter of sharpness and size
BLUR, SHRINK = 5, 75  # pixels, percent


class LabelSample(NamedTuple):
    """float32; R is the resolution."""

    picture: np.ndarray  # (R, R, 3) 0..1
    mask: np.ndarray  # (R, R, 1) 0 or 1


class LabelSampler:
    """Draws samples of labeled faces. One may serve several threads."""

    def __init__(self, resolution: int, face_type: FaceType):
        self.resolution, self.face_type = resolution, face_type
        self._scratch = Scratch()

    def prepare(self, face: Face) -> LabeledFace:
        """The part of a sample that no draw changes, to be kept for the next one."""
        return prepare_labeled(face, self.resolution, self.face_type)

    def draw(
        self, face: LabeledFace, rng: np.random.RandomState, background: Callable[[], LabeledFace], into: LabelSample
    ) -> None:
        """Writes a sample of `face` over `into`; `background` is asked for another face where one is pasted behind it."""
        image, mask = face
        if _coin(rng):
            image = self._on_background(face, background(), rng)
        affine, grid = self._drawn(rng, FACE)
        self._move(image, affine, PICTURE, into.picture, grid)
        self._move(mask, affine, MASK, into.mask, grid)
        np.clip(into.picture, 0, 1, out=into.picture)
        np.greater_equal(into.mask, 0.5, out=into.mask)
        image = self._flared(into.picture, into.mask, rng)
        image = self._flared(image, 1 - into.mask, rng)
        self._filter(image, rng, into.picture)

    def _on_background(self, face: LabeledFace, behind: LabeledFace, rng: np.random.RandomState) -> np.ndarray:
        """The picture of `face` with what surrounds the face of `behind` around it, seen through it to a random part."""
        scratch = self._scratch
        affine, _ = self._drawn(rng, BACKGROUND)
        image, mask = scratch("behind", behind.image.shape), scratch("mask behind", behind.mask.shape)
        self._move(behind.image, affine, PICTURE, image)
        self._move(behind.mask, affine, MASK, mask)
        change = filters.draw_hsv_shift(rng) if _coin(rng) else filters.draw_levels(rng)
        np.subtract(1, mask, out=mask)
        image *= filters.channels3(mask)
        shown = change(image)
        mask *= 1 - face.mask
        outside = filters.channels3(mask)  # of both faces
        share = np.float32(0.15 + 0.85 * rng.uniform())
        shown *= outside
        shown *= 1 - share
        mixed = (1 - outside) * face.image
        outside *= face.image
        outside *= share
        mixed += outside
        mixed += shown
        return mixed

    def _drawn(self, rng: np.random.RandomState, ranges: Ranges):
        affine = draw_affine(rng, self.resolution, ranges, may_flip=True)
        return affine, draw_grid(rng, self.resolution, self._scratch)

    def _move(self, image: np.ndarray, affine: RandomAffine, sampling: Sampling, out: np.ndarray, grid=None) -> None:
        apply_warp(image, affine, grid, flip=affine.flip, sampling=sampling, scratch=self._scratch, out=out)

    def _flared(self, image: np.ndarray, mask: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
        """`image` with the light of what lies inside `mask` spread around it, or unchanged."""
        if not _coin(rng):
            return image
        side = rng.randint(self.resolution // 4, self.resolution)
        side += 1 - side % 2
        flare = cv2.GaussianBlur(image * filters.channels3(mask), (side, side), 0)
        flare += image
        return flare

    def _filter(self, image: np.ndarray, rng: np.random.RandomState, into: np.ndarray) -> None:
        f = filters
        image = self._in_circle(image, rng, f.draw_hsv_shift if _coin(rng) else f.draw_levels)
        if _coin(rng):
            image = self._in_circle(image, rng, f.draw_sharpen, CHANCE, BLUR)
        else:
            image = self._in_circle(image, rng, f.draw_motion_blur, CHANCE, BLUR)
            image = self._in_circle(image, rng, f.draw_gaussian_blur, CHANCE, BLUR)
        resize = f.draw_nearest_resize if _coin(rng) else f.draw_linear_resize
        np.clip(self._in_circle(image, rng, resize, CHANCE, SHRINK), 0, 1, out=into)
        compressed = self._in_circle(into, rng, f.draw_jpeg, CHANCE)
        if compressed is not into:
            into[:] = compressed

    def _in_circle(self, image: np.ndarray, rng: np.random.RandomState, draw: Callable, *arguments: int) -> np.ndarray:
        """`image` changed by what `draw` draws, most in a random place and not at all far from it."""
        circle = filters.draw_circle(rng, self.resolution)
        change = draw(rng, *arguments)
        if change is None:
            return image
        return filters.within(image, change(image), circle.mask(self.resolution))


def _coin(rng: np.random.RandomState) -> bool:
    return rng.randint(2) == 0
