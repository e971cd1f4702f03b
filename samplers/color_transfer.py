"""Color transfer by name: the colors of a reference picture for another one, while training and in merged frames."""

from __future__ import annotations

import numpy as np

from samplers.color_transfer_distribution import idt, mix, sot
from samplers.color_transfer_linear import lct, mkl, rct

TRAINING_MODES = ("rct", "lct", "mkl", "idt", "sot")
MASKED_MODES = ("rct", "lct", "mkl", "mkl-m", "idt", "idt-m", "sot-m", "mix-m")
MERGE_DIRECTIONS = 30  # of sot in merged frames

_TRAINING = {
    "rct": lambda image, reference, rng: rct(image, reference),
    "lct": lambda image, reference, rng: lct(image, reference),
    "mkl": lambda image, reference, rng: mkl(image, reference),
    "idt": lambda image, reference, rng: idt(image, reference, rng=rng),
    "sot": lambda image, reference, rng: sot(image, reference, rng=rng),
}


def color_transfer(mode: str, image: np.ndarray, reference: np.ndarray, *, rng: np.random.RandomState) -> np.ndarray:
    """`image` in the colors of `reference`, both (H, W, 3) float32 BGR 0..1 of one size; ValueError for other modes.

    rng  only idt and sot draw from it
    """
    if mode not in _TRAINING:
        raise ValueError(f"unknown color transfer: {mode}")
    return np.clip(_TRAINING[mode](image, reference, rng), 0, 1)


_MASKED = {
    "rct": lambda image, reference, mask, rng: rct(image, reference, mask=mask),
    "lct": lambda image, reference, mask, rng: lct(image, reference),
    "mkl": lambda image, reference, mask, rng: mkl(image, reference),
    "mkl-m": lambda image, reference, mask, rng: mkl(image * mask, reference * mask),
    "idt": lambda image, reference, mask, rng: idt(image, reference, rng=rng),
    "idt-m": lambda image, reference, mask, rng: idt(image * mask, reference * mask, rng=rng),
    "sot-m": lambda image, reference, mask, rng: np.clip(
        sot(image * mask, reference * mask, rng=rng, directions=MERGE_DIRECTIONS), 0, 1
    ),
    "mix-m": lambda image, reference, mask, rng: mix(image * mask, reference * mask, rng=rng),
}


def masked_color_transfer(
    mode: str, image: np.ndarray, reference: np.ndarray, *, mask: np.ndarray, rng: np.random.RandomState
) -> np.ndarray:
    """As `color_transfer`, for a face in a merged frame, by the modes of `MASKED_MODES` (merger.md 5).

    mask  (H, W, 1) float32 of both pictures; modes ending in -m blacken what is outside, and it stays black
    rct alone is not clipped to 0..1
    """
    if mode not in _MASKED:
        raise ValueError(f"unknown color transfer: {mode}")
    return _MASKED[mode](image, reference, mask, rng)
