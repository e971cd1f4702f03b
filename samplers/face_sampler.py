"""One training sample of a face: picture bent and straight, and its masks, all moved by the same draw (facesets.md 3.5 to 3.10)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np

from samplers.color import apply_hsv, draw_hsv
from samplers.color_transfer import color_transfer
from samplers.face_types import FaceType, covers
from samplers.faces import Face
from samplers.prepared_face import PreparedFace, prepare, prepare_reference
from samplers.spec import SampleSpec
from samplers.warp import Pose, apply_warp, draw_grid, draw_pose


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
        self._rngs = _RandomStates()

    def sample(self, face: Face, seed: int, reference: Face | None = None) -> Sample:
        """The sample that `seed` (0 <= seed < 2**31) draws; `reference` is the face that lends its colors."""
        colors = self.prepare_reference(reference)[0] if reference is not None else None
        return self.draw(self.prepare(face), seed, colors)

    def prepare(self, face: Face) -> PreparedFace:
        """The part of a sample that no draw changes, to be kept for the next one."""
        return prepare(face, self.spec.resolution, self.spec.face_type)

    def prepare_reference(self, face: Face) -> tuple[np.ndarray]:
        """The picture that lends its colors, as `draw` takes it, alone in a tuple."""
        return (prepare_reference(face, self.spec.resolution),)

    def draw(self, prepared: PreparedFace, seed: int, colors: np.ndarray | None = None) -> Sample:
        """A sample of a prepared face; `colors` is the prepared picture of the reference face."""
        spec, rngs = self.spec, self._rngs
        rngs.pose.seed(seed)  # reseeding costs 2 us, making a RandomState over 100
        rngs.grid.seed(seed)
        pose = draw_pose(rngs.pose, spec.resolution, spec.ranges, may_flip=spec.random_flip)
        image = prepared.image
        if colors is not None:
            rngs.color.seed(seed)
            image = color_transfer(spec.ct_mode, image, colors, rng=rngs.color)
        target = _moved_image(image, pose)
        return Sample(
            self._warped(image, pose, target),
            target,
            _moved_mask(prepared.mask, pose),
            _scaled_to_one(_moved_mask(prepared.eyes_mouth, pose)),
        )

    def _warped(self, image: np.ndarray, pose: Pose, target: np.ndarray) -> np.ndarray:
        """`image` as the network is shown it; the pose has just been drawn, the color shift comes next from its state."""
        spec = self.spec
        if not spec.random_hsv_power and not spec.random_warp:
            return target
        if spec.random_hsv_power:
            image = apply_hsv(image, draw_hsv(self._rngs.pose, spec.random_hsv_power))
        grid = draw_grid(self._rngs.grid, spec.resolution) if spec.random_warp else None
        return _moved_image(image, pose, grid)


def smaller_types(faces: Iterable[Face], face_type: FaceType) -> Counter[FaceType]:
    """How many faces show less than `face_type` needs, by their type; training on them smears their edges."""
    return Counter(face.face_type for face in faces if not covers(face.face_type, face_type))


class _RandomStates(threading.local):
    """Each thread's own generators. `RandomState`, as the reference: the same seed draws the same sample."""

    def __init__(self):
        self.pose, self.grid, self.color = (np.random.RandomState(0) for _ in range(3))


def _moved_image(image: np.ndarray, pose: Pose, grid=None) -> np.ndarray:
    moved = apply_warp(image, pose, grid, flip=pose.flip, interpolation=cv2.INTER_CUBIC, border=cv2.BORDER_REPLICATE)
    return np.clip(moved, 0, 1, out=moved)


def _moved_mask(mask: np.ndarray, pose: Pose) -> np.ndarray:
    return apply_warp(mask, pose, flip=pose.flip, interpolation=cv2.INTER_LINEAR, border=cv2.BORDER_CONSTANT)


def _scaled_to_one(mask: np.ndarray) -> np.ndarray:
    peak = mask.max()
    if peak:
        mask /= peak
    return mask
