"""A face cropped from its frame for the network, and what the network says about it (merger.md 4.1, 4.2)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.enhance.super_resolution import SUPER_RESOLUTION_SCALE
from dfl_cli.merge.pixels.box import Box, around_square, from_box, warp_to_square
from dfl_cli.merge.pixels.masks.modes import WITHOUT_NETWORK
from dfl_cli.merge.pixels.settings import MergeSettings
from samplers.files.face import UnreadableImage
from samplers.files.reason import Fault
from samplers.geometry.align import pixels_in_one, resized_matrix, transform_matrix, warp_averaged
from samplers.geometry.face_types import FaceType


class ModelFace(NamedTuple):
    """The square of the frame that a model swaps."""

    resolution: int
    face_type: FaceType
    averaged: bool = False  # trained on pictures that were shrunk by the mean of what a pixel covers


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
    """One face cropped from a frame. S is the model's resolution R, or 4R under super resolution.

    Squares of several sizes show one face. They are resized to each other with `cv2.resize`, and the matrices follow it: they all come
    from the crop matrix for R, which the model was trained with. `classic` computes one for each size instead, as the reference does,
    which puts what is resized up to half a pixel of the model beside its place.
    """

    frame: np.ndarray  # (H, W, 3) uint8, the whole picture
    landmarks: np.ndarray  # (68, 2) in the frame
    model_face: ModelFace
    frame_to_square: np.ndarray  # (2, 3) frame -> square S x S
    target: np.ndarray  # (S, S, 3) float32, black beyond the frame's edge
    xseg_source: Callable[[np.ndarray, int], np.ndarray | None] | None = None  # (matrix, side) -> StoredMask.in_square
    smoothed_target: np.ndarray | None = None  # (S, S, 3) the target in colors that were smoothed over time
    painting: Painting | None = None  # what the XSeg network has to paint of it
    classic: bool = False  # squares, masks and the swapped face lie where the reference puts them

    @cached_property
    def picture(self):
        """(R, R, 3): what the network sees."""
        side = self.model_face.resolution
        if not self.enlarged:
            return self.target
        if self.classic:
            return cv2.resize(self.target, (side, side))
        return cut_square(self.frame, self.matrix(side=side), side, averaged=self.averaged)

    def color_source(self, *, classic: bool = False):
        """(S, S, 3): what lends its colors to the swapped face. Beyond the frame's edge its outermost pixels go on: black, as `classic`
        has it, would darken the face."""
        if self.smoothed_target is not None:
            return self.smoothed_target
        matrix, side = self.frame_to_square, self.side
        box = seen_box(matrix, side, self.frame.shape, averaged=self.averaged, beyond=1)
        inside = box.clipped(self.frame.shape)
        if classic or inside.empty or inside == box:
            return self.target
        return warp_square(self.frame, matrix, side, inside, averaged=self.averaged, border=cv2.BORDER_REPLICATE)

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
    def averaged(self) -> bool:
        """Whether pixels of the square are means of what they cover."""
        return self.model_face.averaged and not self.classic

    @property
    def side(self) -> int:
        """S"""
        return len(self.target)

    def matrix(self, *, percent: int = 0, side: int | None = None):
        """(2, 3) frame -> square of `side` pixels (None: S), made smaller by `percent`."""
        matrix = self.frame_to_square
        if percent:
            scale = 1 + 0.01 * percent
            matrix = square_matrix(self.landmarks, self.model_face, self.side, classic=self.classic, scale=scale)
        if side in (None, self.side):
            return matrix
        return matrix * (side / self.side) if self.classic else resized_matrix(matrix, side / self.side)


def needs_network(settings: MergeSettings) -> bool:
    """False when the result shows neither the swapped face nor a learned mask."""
    return settings.mode != "original" or settings.mask_mode not in WITHOUT_NETWORK


def square_side(model_face: ModelFace, settings: MergeSettings) -> int:
    """S: pixels along the face square."""
    return model_face.resolution * (SUPER_RESOLUTION_SCALE if settings.super_resolution_power else 1)


def crop_face(
    frame, landmarks, model_face: ModelFace, *, enlarged: bool = False, classic: bool = False, xseg_source=None
) -> Crop:
    """The face at `landmarks` (68, 2) of `frame` (H, W, 3) uint8, as the model's square; `enlarged` for super resolution."""
    side = model_face.resolution * (SUPER_RESOLUTION_SCALE if enlarged else 1)
    matrix = square_matrix(landmarks, model_face, side, classic=classic)
    target = cut_square(frame, matrix, side, averaged=model_face.averaged and not classic)
    return Crop(frame, landmarks, model_face, matrix, target, xseg_source, classic=classic)


def square_matrix(landmarks, model_face: ModelFace, side: int, *, classic: bool, scale: float = 1.0):
    """(2, 3) from the frame to the model's square, resized to `side` pixels; `scale` as in `transform_matrix`."""
    if classic:
        return transform_matrix(landmarks, side, model_face.face_type, scale=scale)
    matrix = transform_matrix(landmarks, model_face.resolution, model_face.face_type, scale=scale)
    return resized_matrix(matrix, side / model_face.resolution)


def cut_square(frame, matrix, side: int, *, averaged: bool = False):
    """(side, side, 3) float32, 0..1: the square of `frame` that `matrix` (frame -> square) leads to, black beyond the frame's edge."""
    box = seen_box(matrix, side, frame.shape, averaged=averaged)
    if box.empty:
        return np.zeros((side, side, 3), np.float32)
    return warp_square(frame, matrix, side, box, averaged=averaged)


def seen_box(matrix, side: int, frame_shape, *, averaged: bool, beyond: int = 0) -> Box:
    """The box of the frame that the square is computed from; `averaged` pixels look at all they cover."""
    times = pixels_in_one(matrix) if averaged else 1
    return around_square(resized_matrix(matrix, times), side * times, frame_shape, beyond=beyond)


def warp_square(frame, matrix, side: int, box: Box, *, averaged: bool, border: int = cv2.BORDER_CONSTANT):
    """`cut_square` from what is there in `box`."""
    part = unit(box.crop(frame))
    if averaged:
        square = warp_averaged(part, from_box(matrix, box), side, border=border)
    else:
        square = warp_to_square(part, matrix, box, side, border=border)
    return np.clip(square, 0, 1)


def unit(pixels):
    """uint8 -> float32 0..1."""
    return np.divide(pixels, np.float32(255), dtype=np.float32)
