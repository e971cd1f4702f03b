"""Where the mask of a merged face comes from: one function per mode, in the order of their numbers."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class MaskSources:
    """What a mode may build on; every mask is (side, side) float32, 0..1."""

    side: int
    prd: np.ndarray | None  # learned mask of the swapped face; None when the network was not asked
    dst: np.ndarray | None  # learned mask of the face in the frame; None likewise
    draw_hull: Callable[[], np.ndarray]  # hull of the landmarks; drawn only by the mode that wants it


def full(sources: MaskSources):
    return np.ones((sources.side, sources.side), np.float32)


def dst(sources: MaskSources):
    return sources.draw_hull()


def learned_prd(sources: MaskSources):
    return sources.prd


def learned_dst(sources: MaskSources):
    return sources.dst


def learned_product(sources: MaskSources):
    return sources.prd * sources.dst


def learned_sum(sources: MaskSources):
    return np.clip(sources.prd + sources.dst, 0, 1)


MASK_MODES: dict[str, Callable[[MaskSources], np.ndarray]] = {
    "full": full,
    "dst": dst,
    "learned-prd": learned_prd,
    "learned-dst": learned_dst,
    "learned-prd*learned-dst": learned_product,
    "learned-prd+learned-dst": learned_sum,
}
WITHOUT_NETWORK = frozenset({"full", "dst"})
