"""Putting a swapped face into its box of the frame: one function per mode, by name (merger.md 4.6)."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from dfl_cli.merge.box import Box, onto_box
from samplers.color_transfer import masked_color_transfer

VISIBLE = 0.1  # a mask that is nowhere stronger is not worth a face
SMALLEST = 4  # pixels from the first to the last column (row) of a visible mask


@dataclass(frozen=True)
class Work:
    """Everything a mode may use. The box is (h, w) pixels of the frame, the face square S x S."""

    background: np.ndarray  # (h, w, 3) the frame
    alpha: np.ndarray  # (h, w, 1) the mask in the frame
    box: Box
    target: np.ndarray  # (S, S, 3) the face that is there
    face: np.ndarray | None  # (S, S, 3) the face to put there; None when the network was not asked
    face_mask: np.ndarray  # (S, S, 1) the mask in the square
    matrix: np.ndarray  # (2, 3) frame -> square, where the face goes
    color_transfer_mode: str
    rng: np.random.RandomState | None


def original(work: Work):
    """The frame as it was; only the mask is of interest."""
    return work.background


def overlay(work: Work):
    """The face in the colors of the frame, laid over it."""
    if not is_visible(work.alpha):
        return work.background
    placed = np.clip(onto_box(recolored(work), work.matrix, work.box), 0, 1)
    return mix(work.background, placed, work.alpha)


MODES: dict[str, Callable[[Work], np.ndarray]] = {"original": original, "overlay": overlay}


def recolored(work: Work):
    """The face (S, S, 3) in the colors of the one it replaces; rct may leave 0..1."""
    if work.color_transfer_mode == "none":
        return work.face
    mask = (work.face_mask > 0).astype(np.float32)
    return masked_color_transfer(work.color_transfer_mode, work.face, work.target, mask=mask, rng=work.rng)


def mix(below, above, alpha):
    """`above` over `below` (h, w, 3), where `alpha` (h, w, 1) lets it through."""
    alpha = cv2.merge([alpha] * 3)  # NumPy multiplies equal shapes several times faster than it repeats a channel
    return below * (1 - alpha) + above * alpha


def is_visible(alpha) -> bool:
    """Whether the mask (h, w, 1) has a region worth drawing."""
    visible = alpha[..., 0] >= VISIBLE
    return all(spread(visible.any(axis=axis)) >= SMALLEST for axis in (0, 1))


def spread(line) -> int:
    """Distance between the first and the last true element of `line`; 0 if there is none."""
    found = np.flatnonzero(line)
    return int(found[-1] - found[0]) if found.size else 0
