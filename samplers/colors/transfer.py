"""Color transfer by name: the colors of a reference picture for another one, while training and in merged frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from samplers.colors import linear
from samplers.colors.distribution import idt, mix, sot
from samplers.colors.linear import Measured, lct, mkl, rct
from samplers.colors.sampled import (
    finely_sampled_mix,
    finely_sampled_sot,
    sampled,
    sampled_idt,
    sampled_sot,
)
from samplers.scratch import Scratch

TRAINING_MODES = ("rct", "lct", "mkl", "idt", "sot")
MASKED_MODES = ("rct", "lct", "mkl", "mkl-m", "idt", "idt-m", "sot-m", "mix-m")
MERGE_DIRECTIONS = 30  # of sot in merged frames


class Transfer(NamedTuple):
    """A color transfer in the parts that training does at different times; pictures are float32 BGR (H, W, 3) 0..1."""

    image_stats: Callable[[np.ndarray], Measured]  # once for a picture that is to be changed
    reference_stats: Callable[[np.ndarray], np.ndarray]  # once for a picture that lends its colors, of the same size
    apply: Callable[
        [Measured, np.ndarray, np.random.RandomState, Scratch], np.ndarray
    ]  # at each draw; may lie in Scratch


def _unmeasured(image: np.ndarray) -> Measured:
    return Measured(image, np.empty(0))


_LINEAR = {
    "rct": Transfer(
        linear.rct_image_stats,
        linear.rct_reference_stats,
        lambda image, stats, rng, room: linear.rct_apply(image, stats, room),
    ),
    "lct": Transfer(
        linear.lct_image_stats,
        linear.lct_reference_stats,
        lambda image, stats, rng, room: linear.lct_apply(image, stats, room),
    ),
    "mkl": Transfer(
        linear.mkl_image_stats,
        linear.mkl_reference_stats,
        lambda image, stats, rng, room: linear.mkl_apply(image, stats, room),
    ),
}
_EXACT = {
    "idt": Transfer(_unmeasured, lambda image: image, lambda image, stats, rng, room: idt(image.base, stats, rng=rng)),
    "sot": Transfer(_unmeasured, lambda image: image, lambda image, stats, rng, room: sot(image.base, stats, rng=rng)),
}
_SAMPLED = {
    "idt": Transfer(_unmeasured, sampled, lambda image, stats, rng, room: sampled_idt(image.base, stats, rng=rng)),
    "sot": Transfer(_unmeasured, sampled, lambda image, stats, rng, room: sampled_sot(image.base, stats, rng=rng)),
}


def transfer(mode: str, *, exact: bool) -> Transfer:
    """The transfer for one of `TRAINING_MODES`; ValueError for others.

    exact  idt and sot from all pixels, as the reference, instead of from every n-th; the others are always exact
    """
    known = {**_LINEAR, **(_EXACT if exact else _SAMPLED)}
    if mode not in known:
        raise ValueError(f"unknown color transfer: {mode}")
    return known[mode]


def color_transfer(mode: str, image: np.ndarray, reference: np.ndarray, *, rng: np.random.RandomState) -> np.ndarray:
    """`image` in the colors of `reference`, both (H, W, 3) float32 BGR 0..1 of one size; ValueError for other modes.

    rng  only idt and sot draw from it
    """
    parts = transfer(mode, exact=True)
    return np.clip(parts.apply(parts.image_stats(image), parts.reference_stats(reference), rng, Scratch()), 0, 1)


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
_MASKED_SAMPLED = {
    "sot-m": lambda image, reference, mask, rng: np.clip(
        finely_sampled_sot(image * mask, reference * mask, rng=rng, directions=MERGE_DIRECTIONS), 0, 1
    ),
    "mix-m": lambda image, reference, mask, rng: finely_sampled_mix(image * mask, reference * mask, rng=rng),
}


def masked_color_transfer(
    mode: str,
    image: np.ndarray,
    reference: np.ndarray,
    *,
    mask: np.ndarray,
    rng: np.random.RandomState,
    exact: bool = True,
) -> np.ndarray:
    """As `color_transfer`, for a face in a merged frame, by the modes of `MASKED_MODES` (merger.md 5).

    mask   (H, W, 1) float32 of both pictures; modes ending in -m blacken what is outside, and it stays black
    exact  sot-m and mix-m from all pixels, as the reference, instead of from every n-th; the others are always exact
    rct alone is not clipped to 0..1
    """
    known = _MASKED if exact else {**_MASKED, **_MASKED_SAMPLED}
    if mode not in known:
        raise ValueError(f"unknown color transfer: {mode}")
    return known[mode](image, reference, mask, rng)
