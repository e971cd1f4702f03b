"""What XSeg learns from and reports. Loads no Keras."""

from typing import Any, NamedTuple

LOSS_NAMES = ("loss",)


class XSegBatch(NamedTuple):
    """What one step learns from, float32."""

    picture: Any  # (B, 256, 256, 3) BGR 0..1
    mask: Any  # (B, 256, 256, 1) 0 or 1, 1 is face; in pretraining the picture in gray, 0..1

    def first(self, count: int) -> "XSegBatch":
        """Its first faces, at most `count`."""
        return XSegBatch(*(array[:count] for array in self))


def noise(count: int, resolution: int) -> XSegBatch:
    """Random pictures, all of them face."""
    import numpy as np

    pictures = np.random.default_rng(1).random((count, resolution, resolution, 3), np.float32)
    return XSegBatch(pictures, np.ones((count, resolution, resolution, 1), np.float32))
