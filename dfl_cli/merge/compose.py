"""One face of a frame, from crop to patch (merger.md 4). Pure: what the network said is an argument.

crop = crop_face(frame, landmarks, model_face)     what the network wants to see
patch = merge_face(crop, prediction, settings)     what replaces a box of the frame
merged, mask = paste(frame, patches)
"""

from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import cv2
import numpy as np

from dfl_cli.merge.blend import MODES, Work, mix
from dfl_cli.merge.box import CUBIC_REACH, NOTHING, Box, box_around, into_square, onto_box, square_in_frame
from dfl_cli.merge.mask_edges import MASK_SQUARE, clean, mask_square, shape_edges
from dfl_cli.merge.mask_modes import MASK_MODES, WITHOUT_NETWORK, MaskSources
from dfl_cli.merge.settings import MergeSettings
from samplers.align import transform_matrix
from samplers.face_types import FaceType
from samplers.masks import hull_mask


class ModelFace(NamedTuple):
    """The square of the frame that a model swaps."""

    resolution: int
    face_type: FaceType


class Prediction(NamedTuple):
    """What a model makes of one face; R is its resolution, everything 0..1."""

    bgr: np.ndarray  # (R, R, 3) the swapped face
    prd_mask: np.ndarray  # (R, R, 1) its mask
    dst_mask: np.ndarray  # (R, R, 1) the mask of the face that was there


@dataclass(frozen=True)
class Crop:
    """One face of a frame, cut out for the network."""

    frame: np.ndarray  # (H, W, 3) uint8, the whole picture
    landmarks: np.ndarray  # (68, 2) in the frame
    model_face: ModelFace
    matrix: np.ndarray  # (2, 3) frame -> square
    picture: np.ndarray  # (R, R, 3) float32, black beyond the frame's edge


class Patch(NamedTuple):
    """What one merged face changes: inside `box` the frame becomes `image`, and `mask` is what was inserted there."""

    box: Box
    image: np.ndarray  # (h, w, 3) float32
    mask: np.ndarray  # (h, w, 1) float32


def needs_network(settings: MergeSettings) -> bool:
    """False when the result shows neither the swapped face nor a learned mask."""
    return settings.mode != "original" or settings.mask_mode not in WITHOUT_NETWORK


def crop_face(frame, landmarks, model_face: ModelFace) -> Crop:
    """The face at `landmarks` (68, 2) of `frame` (H, W, 3) uint8, as the model's square."""
    side = model_face.resolution
    matrix = transform_matrix(landmarks, side, model_face.face_type)
    box = box_around(square_in_frame(matrix, (0, 0), (side, side)), frame.shape, margin=CUBIC_REACH + 1)
    if box.empty:
        picture = np.zeros((side, side, 3), np.float32)
    else:
        picture = np.clip(into_square(unit(box.cut(frame)), matrix, box, side), 0, 1)
    return Crop(frame, landmarks, model_face, matrix, picture)


def merge_face(crop: Crop, prediction: Prediction | None, settings: MergeSettings, *, rng=None) -> Patch:
    """`crop` merged into its frame. `prediction` may be None when `needs_network` says so; `rng` feeds the random color transfers."""
    side = crop.model_face.resolution
    mask = face_mask(crop, prediction, settings)
    matrix = place(crop, settings.output_face_scale)
    mask_matrix = matrix * MASK_SQUARE
    box = covered(mask, mask_matrix, crop.frame.shape)
    if box.empty:
        return Patch(NOTHING, np.zeros((0, 0, 3), np.float32), np.zeros((0, 0, 1), np.float32))
    work = Work(
        background=unit(box.cut(crop.frame)),
        alpha=clean(np.clip(onto_box(mask, mask_matrix, box), 0, 1))[..., None],
        box=box,
        target=crop.picture,
        face=prediction.bgr if prediction else None,
        face_mask=np.clip(cv2.resize(mask, (side, side), interpolation=cv2.INTER_CUBIC), 0, 1)[..., None],
        matrix=matrix,
        color_transfer_mode=settings.color_transfer_mode,
        rng=rng,
    )
    return Patch(box, MODES[settings.mode](work), work.alpha)


def place(crop: Crop, percent: int):
    """Matrix (2, 3) frame -> square for the place the face goes to: that of the crop, scaled by `percent`."""
    if not percent:
        return crop.matrix
    side, face_type = crop.model_face
    return transform_matrix(crop.landmarks, side, face_type, scale=1 + 0.01 * percent)


def face_mask(crop: Crop, prediction: Prediction | None, settings: MergeSettings):
    """The mask to insert with, (4R, 4R): mask mode, then erode and blur."""
    sources = MaskSources(
        side=crop.model_face.resolution,
        prd=prediction.prd_mask[..., 0] if prediction else None,
        dst=prediction.dst_mask[..., 0] if prediction else None,
        draw_hull=lambda: landmark_hull(crop),
    )
    mask = mask_square(MASK_MODES[settings.mask_mode](sources), crop.model_face.resolution)
    return shape_edges(mask, erode=settings.erode_mask_modifier, blur=settings.blur_mask_modifier)


def landmark_hull(crop: Crop):
    """Hull of the landmarks (R, R), drawn in the frame and warped like the face."""
    side = crop.model_face.resolution
    square = square_in_frame(crop.matrix, (0, 0), (side, side))
    box = box_around(np.concatenate([square, crop.landmarks]), crop.frame.shape, margin=CUBIC_REACH + 1)
    if box.empty:
        return np.zeros((side, side), np.float32)
    width, height = box.size
    hull = hull_mask(crop.landmarks - (box.left, box.top), (height, width))
    return np.clip(into_square(hull, crop.matrix, box, side), 0, 1)


def covered(mask, matrix, frame_shape) -> Box:
    """The box of the frame that `mask` (n, n) can reach through `matrix` (frame -> mask square)."""
    left, top, width, height = cv2.boundingRect((mask > 0).view(np.uint8))
    if not width:
        return NOTHING
    low = left - CUBIC_REACH, top - CUBIC_REACH
    high = left + width + CUBIC_REACH, top + height + CUBIC_REACH
    return box_around(square_in_frame(matrix, low, high), frame_shape, margin=0)


def paste(frame, patches: list[Patch]):
    """`frame` (H, W, 3) uint8 with `patches` in it -> (picture, mask) uint8, (H, W, 3) and (H, W).

    Of several faces a later one covers the earlier ones inside its own mask (merger.md 4.7).
    """
    mask = np.zeros(frame.shape[:2], np.uint8)
    patches = [patch for patch in patches if not patch.box.empty]
    if not patches:
        return frame, mask
    merged = frame.copy()
    changed = reduce(lambda below, above: stack(frame, below, above), patches)
    changed.box.cut(merged)[:] = to_uint8(changed.image)
    changed.box.cut(mask)[:] = to_uint8(changed.mask)
    return merged, mask


def stack(frame, below: Patch, above: Patch) -> Patch:
    """Both patches as one: `above` covers `below` inside its mask."""
    box = below.box.join(above.box)
    image, mask = unit(box.cut(frame)), np.zeros((box.size[1], box.size[0], 1), np.float32)
    below.box.within(box).cut(image)[:] = below.image
    below.box.within(box).cut(mask)[:] = below.mask
    upper = above.box.within(box)
    upper.cut(image)[:] = mix(upper.cut(image), above.image, above.mask)
    upper.cut(mask)[:] = np.minimum(upper.cut(mask) + above.mask, 1)
    return Patch(box, image, mask)


def unit(pixels):
    """uint8 -> float32 0..1."""
    return np.divide(pixels, np.float32(255), dtype=np.float32)


def to_uint8(pixels):
    """0..1 (h, w, C) -> uint8, rounded: what was not changed comes back exactly. One channel loses its axis."""
    return cv2.convertScaleAbs(pixels, alpha=255).reshape(pixels.shape if pixels.shape[2] > 1 else pixels.shape[:2])
