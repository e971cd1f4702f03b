"""What SAEHD, AMP and Quick96 learn from and report: two people, src and dst. Loads no Keras."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

LOSS_NAMES = ("src", "dst")


class PairBatch(NamedTuple):
    """What one step learns from. Pictures (B, R, R, 3) BGR 0..1, masks (B, R, R, 1) 0..1, float32."""

    warped_src: Any
    target_src: Any
    mask_src: Any
    em_src: Any  # eyes and mouth
    warped_dst: Any
    target_dst: Any
    mask_dst: Any
    em_dst: Any

    def first(self, count: int) -> "PairBatch":
        """Its first faces, at most `count`."""
        return PairBatch(*(array[:count] for array in self))


def pair_noise(count: int, resolution: int) -> PairBatch:
    """Random pictures, all of them face."""
    import numpy as np

    pictures = np.random.default_rng(1).random((count, resolution, resolution, 3), np.float32)
    masks = np.ones((count, resolution, resolution, 1), np.float32)
    return PairBatch(*(pictures, pictures, masks, masks) * 2)


def pair_reconstructions(view: Callable[..., Mapping], batch: PairBatch, count: int) -> dict[str, tuple]:
    """`Model.reconstructions` of a class whose `view` gives SS for src and DD for dst."""
    src, dst = batch.target_src[:count], batch.target_dst[:count]
    seen = view(src, dst)
    return {"src": (seen["SS"], src), "dst": (seen["DD"], dst)}
