"""Masks that an XSeg network paints while merging: of the face in the frame and of the face put over it (merger.md 4.3).

The network sees the square of the face type it was trained for, whatever the swap model swaps; `classic` shows it the swap model's.
"""

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np

from dfl_cli.in_batches import InBatches
from dfl_cli.merge.pixels.crop import Crop, Painting, Prediction, cut_square
from dfl_cli.merge.pixels.masks.modes import XSEG_DST, XSEG_PRD
from dfl_cli.merge.pixels.settings import MergeSettings
from samplers.geometry.align import transform_matrix
from samplers.geometry.face_types import FaceType

SIDE = 256  # pixels of what an XSeg network sees and paints


class MaskNetwork(Protocol):
    """An XSeg model as merging sees it."""

    name: str
    face_type: FaceType | None  # None: not known
    fingerprint: str  # changes with its weights

    def masks(self, pictures):
        """(B, 256, 256, 3) float32 -> (B, 256, 256, 1) 0..1"""


def painting_for(crop: Crop, settings: MergeSettings, network: MaskNetwork) -> Painting | None:
    """What `network` has to paint of `crop`: nothing that the mode does not use, or that the aligned face has already."""
    parts = settings.xseg_parts
    if XSEG_DST in parts and not settings.paints_every_dst and crop.stored.mask is not None:
        parts = parts - {XSEG_DST}
    own_type = None if settings.classic else network.face_type
    return Painting(parts, crop.model_face.face_type if own_type is None else own_type) if parts else None


class MaskPainter:
    """An XSeg network, asked for the masks of any number of faces."""

    def __init__(self, network: MaskNetwork, *, at_once: int):
        self.ask = InBatches(lambda pictures: (network.masks(pictures),), at_once)

    def paint(self, crops: Sequence[Crop], predictions: Sequence[Prediction]) -> list[Prediction]:
        """`predictions`, one for each of `crops`, with the masks that they want. Raises MemoryError."""
        wanted = [
            (place, part) for place, crop in enumerate(crops) if crop.painting for part in sorted(crop.painting.parts)
        ]
        pictures = [picture_for(part, crops[place], predictions[place].bgr) for place, part in wanted]
        painted = list(predictions)
        for (place, part), (mask,) in zip(wanted, self.ask(pictures), strict=True):
            found = {FIELDS[part]: in_model_square(mask, crops[place])}
            painted[place] = painted[place]._replace(**found)
        return painted


FIELDS = {XSEG_PRD: "xseg_prd_mask", XSEG_DST: "xseg_dst_mask"}


def picture_for(part: str, crop: Crop, swapped) -> np.ndarray:
    """(256, 256, 3) 0..1: what the network sees for one of the masks; `swapped` (R, R, 3) is the swapped face."""
    if part == XSEG_PRD and sees_model_square(crop):
        return cv2.resize(swapped, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    square = cut_square(crop.frame, seen_matrix(crop), SIDE)
    return square if part == XSEG_DST else pasted(swapped, crop, square)


def sees_model_square(crop: Crop) -> bool:
    """Whether the network sees the square that the swap model swaps."""
    return crop.painting.face_type == crop.model_face.face_type


def seen_matrix(crop: Crop):
    """(2, 3) from the frame to the square that the network sees: where it is the model's, the one that its pictures are resized to."""
    if sees_model_square(crop) and not crop.classic:
        return crop.matrix(side=SIDE)
    return transform_matrix(crop.landmarks, SIDE, crop.painting.face_type)


def pasted(swapped, crop: Crop, square):
    """What `square` (256, 256, 3) shows of the frame, with the swapped face (R, R, 3) in its place."""
    matrix = between(crop.matrix(side=len(swapped)), seen_matrix(crop))
    size = (SIDE, SIDE)
    face = cv2.warpAffine(swapped, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpAffine(np.ones(swapped.shape[:2], np.float32), matrix, size)[..., None]
    return square * (1 - inside) + face * inside


def in_model_square(mask, crop: Crop):
    """A painted mask (256, 256, 1) as (n, n) in the square of the swap model."""
    if sees_model_square(crop):
        return mask[..., 0]
    matrix, size = between(seen_matrix(crop), crop.matrix()), (crop.side, crop.side)
    return np.clip(cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_CUBIC), 0, 1)


def between(one, other):
    """(2, 3): from the square that matrix `one` maps the frame to, to that of `other`."""
    one, other = (np.vstack([matrix, (0, 0, 1)]) for matrix in (one, other))
    return (other @ np.linalg.inv(one))[:2]
