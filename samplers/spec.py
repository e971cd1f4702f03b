"""What a training sample shall be."""

from __future__ import annotations

from dataclasses import dataclass

from samplers.geometry.face_types import FaceType
from samplers.warp import Ranges


@dataclass(frozen=True, kw_only=True)
class SampleSpec:
    """One side's samples. Ranges have the reference's values, since nothing asks for them; the rest is for the caller to say."""

    resolution: int  # pixels, the side of every picture and mask
    face_type: FaceType  # what the network sees of the head
    random_flip: bool
    random_warp: bool  # bend the warped picture on a grid; off, it is the target
    ct_mode: str  # color transfer from a reference face: none, rct, lct, mkl, idt, sot
    exact_ct: bool  # idt and sot from all pixels; off, from every n-th, which is 30 times faster
    random_hsv_power: float  # 0 is off; shifts the colors of the warped picture only
    centered_warp: (
        bool  # bend around pixel centers, edges repeated; off, half a pixel beside the target with a black edge
    )
    smooth_resize: (
        bool  # shrink pictures by the mean of what a pixel covers; off, by the few pixels nearest to its center
    )
    rotation_range: tuple[float, float] = (-10.0, 10.0)  # degrees
    scale_range: tuple[float, float] = (-0.15, 0.15)  # (-0.15, 0.15) is 1/1.15 to 1.15 times
    shift_range: tuple[float, float] = (-0.05, 0.05)  # fraction of the side, each way on its own

    @property
    def ranges(self) -> Ranges:
        return Ranges(self.rotation_range, self.scale_range, self.shift_range)
