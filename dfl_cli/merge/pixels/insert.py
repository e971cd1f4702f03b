"""Where a face goes in its frame, what is put there and through which mask (merger.md 4.2 to 4.5)."""

from dataclasses import dataclass, field
from itertools import product

import cv2
import numpy as np

from dfl_cli.merge.pixels.box import (
    CUBIC_REACH,
    EMPTY_BOX,
    Box,
    around_square,
    box_around,
    from_box,
    points_in_frame,
    square_in_frame,
    warp_to_box,
    warp_to_square,
)
from dfl_cli.merge.pixels.crop import Crop, Prediction
from dfl_cli.merge.pixels.masks.edges import clean, mask_square, shape_edges
from dfl_cli.merge.pixels.masks.modes import XSEG_DST, MaskSources, base_mask
from dfl_cli.merge.pixels.notes import Note
from dfl_cli.merge.pixels.settings import MergeSettings
from samplers.geometry.align import warp_averaged
from samplers.geometry.masks import hull_mask


@dataclass(frozen=True)
class InsertedFace:
    """A face with its mask in the frame, not blended yet."""

    crop: Crop
    face: np.ndarray | None  # (S, S, 3) the face to put there
    mask: np.ndarray  # (4R, 4R) its mask, 0..1
    matrix: np.ndarray  # (2, 3) frame -> square S x S, where the face goes
    box: Box  # reaches beyond the frame's edge where the mode wants to see that
    alpha: np.ndarray  # (h, w, 1) the mask in `box`
    notes: list[Note] = field(default_factory=list)


def insert_face(crop: Crop, prediction: Prediction | None, settings: MergeSettings) -> InsertedFace:
    """Where `crop` goes, what is put there and through which mask."""
    notes: list[Note] = []
    mask = face_mask(crop, prediction, settings, notes)
    matrix = crop.matrix(percent=settings.output_face_scale)
    mask_matrix = crop.matrix(percent=settings.output_face_scale, side=len(mask))
    box = working_box(crop, mask, settings, matrix=matrix, mask_matrix=mask_matrix)
    alpha = np.zeros((0, 0, 1), np.float32) if box.empty else mask_in_frame(mask, mask_matrix, box)
    face = swapped_face(crop, prediction, settings) if prediction else None
    return InsertedFace(crop, face, mask, matrix, box, alpha, notes)


def mask_in_frame(mask, matrix, box: Box):
    """`mask` (4R, 4R) as the pixels of `box` see it through `matrix` (frame -> mask square): (h, w, 1), 0..1."""
    alpha = clean(warp_to_box(mask, matrix, box))
    return np.minimum(alpha, 1, out=alpha)[..., None]


def working_box(crop: Crop, mask, settings: MergeSettings, *, matrix, mask_matrix) -> Box:
    """The part of the frame that has to be looked at for this mode."""
    shape = crop.frame.shape
    beyond = max(shape[:2]) if settings.is_seamless and not settings.classic else 0
    box = mask_box(mask, mask_matrix, shape, beyond=beyond)
    if box.clipped(shape).empty:
        return EMPTY_BOX
    if settings.mode == "raw-rgb":
        box = box.join(around_square(matrix, crop.side, shape, beyond=beyond))
    elif settings.adjusts_clone or settings.classic:  # what is cropped again has to be whole
        box = box.join(around_square(crop.matrix(), crop.side, shape, beyond=beyond))
    return box


def swapped_face(crop: Crop, prediction: Prediction, settings: MergeSettings):
    """(S, S, 3): the swapped face, mixed with its enhanced form under super resolution."""
    side = crop.side
    face = in_square(prediction.bgr, side, interpolation=cv2.INTER_LINEAR)
    if prediction.enhanced is None or not settings.super_resolution_power:
        return face
    share = np.float32(settings.super_resolution_power / 100)
    enhanced = in_square(prediction.enhanced, side, interpolation=cv2.INTER_CUBIC)
    return np.clip(face * (1 - share) + enhanced * share, 0, 1)


def in_square(picture, side: int, *, interpolation: int = cv2.INTER_CUBIC):
    """`picture` (n, n) or (n, n, 1 or 3), as (side, side, 1 or 3)."""
    if len(picture) != side:
        picture = cv2.resize(picture, (side, side), interpolation=interpolation)
    return picture.reshape(side, side, -1)


def face_mask(crop: Crop, prediction: Prediction | None, settings: MergeSettings, notes: list[Note]):
    """The mask to insert with, (4R, 4R): mask mode, then erode and blur."""

    def known(mask):
        return None if mask is None else in_square(mask, crop.side)[..., 0]

    xseg_dst, missing = None, Note.NO_XSEG_DST
    if XSEG_DST in settings.xseg_parts:
        xseg_dst, missing = xseg_dst_mask(crop, prediction, settings, notes)
    sources = MaskSources(
        side=crop.side,
        prd=known(prediction.prd_mask) if prediction else None,
        dst=known(prediction.dst_mask) if prediction else None,
        xseg_prd=known(prediction.xseg_prd_mask) if prediction else None,
        xseg_dst=known(xseg_dst),
        missing_xseg_dst=missing,
        draw_hull=lambda: landmark_hull(crop),
        notes=notes,
    )
    mask = mask_square(base_mask(settings.mask_mode, sources), crop.model_face.resolution)
    if settings.is_raw:
        return mask
    erode, blur = settings.erode_mask_modifier, settings.blur_mask_modifier
    return shape_edges(mask, erode=erode, blur=blur, centered=not crop.classic)


def xseg_dst_mask(crop: Crop, prediction: Prediction | None, settings: MergeSettings, notes: list[Note]):
    """The XSeg mask (n, n) of the face in the frame, painted or stored; None without one, and the note that says why."""
    painted = prediction.xseg_dst_mask if prediction else None
    if painted is None:
        return crop.stored.mask, Note.DAMAGED_XSEG_DST if crop.stored.damaged else Note.NO_XSEG_DST
    if not settings.paints_every_dst and crop.stored.damaged:
        notes.append(Note.REPAINTED_XSEG_DST)
    return painted, Note.NO_XSEG_DST


def landmark_hull(crop: Crop):
    """Hull of the landmarks (S, S), drawn in the frame and warped like the face."""
    matrix = crop.matrix()
    square = square_in_frame(matrix, (0, 0), (crop.side, crop.side))
    box = box_around(np.concatenate([square, crop.landmarks]), crop.frame.shape, margin=CUBIC_REACH + 1)
    if box.empty:
        return np.zeros((crop.side, crop.side), np.float32)
    width, height = box.size
    hull = hull_mask(crop.landmarks - (box.left, box.top), (height, width), exact=not crop.classic)
    if crop.classic:
        return np.clip(warp_to_square(hull, matrix, box, crop.side), 0, 1)
    averaged = warp_averaged(hull, from_box(matrix, box), crop.side, border=cv2.BORDER_CONSTANT)
    return np.clip(averaged, 0, 1)  # its edge is hard: between the pixels at centers it would jump


def mask_box(mask, matrix, frame_shape, *, beyond: int) -> Box:
    """The box of the frame that `mask` (n, n) can reach through `matrix` (frame -> mask square), and a pixel around."""
    outlines = cv2.findContours((mask > 0).view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    if not outlines:
        return EMPTY_BOX
    outline = cv2.convexHull(np.concatenate(outlines))[:, 0]
    reached = np.concatenate([outline + reach for reach in product((-CUBIC_REACH, CUBIC_REACH), repeat=2)])
    return box_around(points_in_frame(matrix, reached), frame_shape, margin=1, beyond=beyond)
