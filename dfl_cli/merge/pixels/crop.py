"""A face cropped from its frame for the network, and what the network says about it (merger.md 4.1, 4.2)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.merge.pixels.box import Box, around_square, warp_to_square
from dfl_cli.merge.pixels.masks.modes import WITHOUT_NETWORK
from dfl_cli.merge.pixels.settings import MergeSettings
from samplers.files.face import UnreadableImage
from samplers.files.reason import Fault
from samplers.geometry.align import transform_matrix
from samplers.geometry.face_types import FaceType

SUPER_RESOLUTION_SCALE = 4  # side of the face square in sides of the model's picture, under super resolution


class ModelFace(NamedTuple):
    """The square of the frame that a model swaps."""

    resolution: int
    face_type: FaceType


class Prediction(NamedTuple):
    """What a model makes of one face; R is its resolution, everything 0..1."""

    bgr: np.ndarray  # (R, R, 3) the swapped face
    prd_mask: np.ndarray  # (R, R, 1) its mask
    dst_mask: np.ndarray  # (R, R, 1) the mask of the face that was there
    enhanced: np.ndarray | None = None  # (n, n, 3) the swapped face after super resolution
    xseg_prd_mask: np.ndarray | None = None  # (n, n) XSeg mask of the swapped face, if it was painted
    xseg_dst_mask: np.ndarray | None = None  # (n, n) XSeg mask of the face that was there, likewise


class Painting(NamedTuple):
    """Masks of a face that an XSeg network is to paint."""

    parts: frozenset[str]  # of mask_modes.XSEG_PARTS
    face_type: FaceType  # of the square that it sees


class StoredLook(NamedTuple):
    """What an aligned face says about its mask."""

    mask: np.ndarray | None  # (n, n) in the model's square
    damaged: bool = False


@dataclass(frozen=True)
class Crop:
    """One face cropped from a frame. S is the model's resolution R, or 4R under super resolution."""

    frame: np.ndarray  # (H, W, 3) uint8, the whole picture
    landmarks: np.ndarray  # (68, 2) in the frame
    model_face: ModelFace
    frame_to_square: np.ndarray  # (2, 3) frame -> square S x S
    target: np.ndarray  # (S, S, 3) float32, black beyond the frame's edge
    xseg_source: Callable[[np.ndarray, int], np.ndarray | None] | None = None  # (matrix, side) -> StoredMask.in_square
    smoothed_target: np.ndarray | None = None  # (S, S, 3) the target in colors that were smoothed over time
    painting: Painting | None = None  # what the XSeg network has to paint of it
    corrected: bool = True  # False: the swapped face lies where the model has learned to put it

    @cached_property
    def picture(self):
        """(R, R, 3): what the network sees."""
        side = self.model_face.resolution
        return cv2.resize(self.target, (side, side)) if self.enlarged else self.target

    def color_source(self, *, classic: bool = False):
        """(S, S, 3): what lends its colors to the swapped face. Beyond the frame's edge its outermost pixels go on: black, as `classic`
        has it, would darken the face."""
        if self.smoothed_target is not None:
            return self.smoothed_target
        box = around_square(self.frame_to_square, self.side, self.frame.shape, beyond=1)
        inside = box.clipped(self.frame.shape)
        if classic or inside.empty or inside == box:
            return self.target
        return warp_square(self.frame, self.frame_to_square, self.side, inside, border=cv2.BORDER_REPLICATE)

    @cached_property
    def stored(self) -> StoredLook:
        """The XSeg mask that the aligned face carries, if it can be read."""
        try:
            return StoredLook(self.xseg_source(self.matrix(), self.side) if self.xseg_source else None)
        except UnreadableImage as error:
            return StoredLook(None, damaged=error.reason.fault is Fault.DAMAGED_MASK)

    @property
    def enlarged(self) -> bool:
        """Whether the square is larger than what the network sees: under super resolution."""
        return self.side != self.model_face.resolution

    @property
    def side(self) -> int:
        """S"""
        return len(self.target)

    def matrix(self, *, percent: int = 0):
        """(2, 3) frame -> square S x S, made smaller by `percent`."""
        if not percent:
            return self.frame_to_square
        return transform_matrix(self.landmarks, self.side, self.model_face.face_type, scale=1 + 0.01 * percent)


def needs_network(settings: MergeSettings) -> bool:
    """False when the result shows neither the swapped face nor a learned mask."""
    return settings.mode != "original" or settings.mask_mode not in WITHOUT_NETWORK


def square_side(model_face: ModelFace, settings: MergeSettings) -> int:
    """S: pixels along the face square."""
    return model_face.resolution * (SUPER_RESOLUTION_SCALE if settings.super_resolution_power else 1)


def crop_face(frame, landmarks, model_face: ModelFace, *, enlarged: bool = False, xseg_source=None) -> Crop:
    """The face at `landmarks` (68, 2) of `frame` (H, W, 3) uint8, as the model's square; `enlarged` for super resolution."""
    side = model_face.resolution * (SUPER_RESOLUTION_SCALE if enlarged else 1)
    matrix = transform_matrix(landmarks, side, model_face.face_type)
    box = around_square(matrix, side, frame.shape)
    target = np.zeros((side, side, 3), np.float32) if box.empty else warp_square(frame, matrix, side, box)
    return Crop(frame, landmarks, model_face, matrix, target, xseg_source)


def warp_square(frame, matrix, side: int, box: Box, *, border: int = cv2.BORDER_CONSTANT):
    """(side, side, 3) float32, 0..1: the square of `frame` that `matrix` (frame -> square) leads to, all of it that is there in `box`."""
    return np.clip(warp_to_square(unit(box.crop(frame)), matrix, box, side, border=border), 0, 1)


def unit(pixels):
    """uint8 -> float32 0..1."""
    return np.divide(pixels, np.float32(255), dtype=np.float32)
