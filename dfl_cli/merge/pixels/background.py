"""What faces are laid over: a frame, softened where the settings say so."""

from functools import cached_property

import numpy as np

from dfl_cli.merge.pixels.box import Box
from dfl_cli.merge.pixels.crop import unit
from dfl_cli.merge.pixels.filters import degraded
from dfl_cli.merge.pixels.settings import MergeSettings


class Background:
    """`frame` (H, W, 3) uint8; `settings` are None where no face is drawn: then the frame stays as it is."""

    def __init__(self, frame, settings: MergeSettings | None):
        self.frame = frame
        self.denoise = settings.image_denoise_power if settings else 0
        self.rescale = settings.bicubic_degrade_power if settings else 0

    @property
    def degrades(self) -> bool:
        return bool(self.denoise or self.rescale)

    @cached_property
    def softened(self):
        """(H, W, 3) float32."""
        return np.clip(degraded(self.frame, denoise=self.denoise, rescale=self.rescale), 0, 1)

    def original_pixels(self, box: Box):
        """The frame's pixels of `box`, (h, w, 3) float32, the edge repeated where it reaches beyond."""
        return unit(box.crop_padded(self.frame))

    def pixels(self, box: Box):
        """The same, softened if the settings say so. The caller's own to write to."""
        return box.crop_padded(self.softened).copy() if self.degrades else self.original_pixels(box)
