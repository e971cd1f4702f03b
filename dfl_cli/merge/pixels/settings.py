"""The settings one merge works with; their names, limits and defaults stand in `dfl_cli/options/tables/merge.py`."""

from dataclasses import dataclass

from dfl_cli.merge.pixels.masks.modes import XSEG_PARTS


@dataclass(frozen=True, kw_only=True)
class MergeSettings:
    """Field name = key of the option table."""

    mode: str  # a key of blend.MODES, or "raw-predict"
    masked_hist_match: bool  # False counts the whole square
    hist_match_threshold: int  # 0..255
    mask_mode: str  # parts of mask_modes.PARTS, joined by * or +
    erode_mask_modifier: int  # pixels of the mask square, -400..400; negative grows
    blur_mask_modifier: int  # pixels of the mask square, 0..400
    motion_blur_power: int  # percent of the face's movement, 0..100
    output_face_scale: int  # percent, -50..50; positive values make the face smaller
    color_transfer_mode: str  # "none", or one of samplers.colors.transfer.MASKED_MODES
    sharpen_mode: str  # a key of filters.SHARPENERS
    blursharpen_amount: int  # -100..100; negative values blur
    super_resolution_model: str  # path of an ONNX file; empty for none
    super_resolution_power: int  # percent of the enhanced face, 0..100
    image_denoise_power: int  # 0..500: tens of passes over the frame
    bicubic_degrade_power: int  # percent by which the frame is shrunk on the way, 0..100
    color_degrade_power: int  # percent of the picture in 256 colors, 0..100
    landmark_smoothing: int  # frames to each side, 0..30; 0 is off
    color_smoothing: int  # frames to each side, 0..30; 0 is off
    xseg_on_frames: bool  # XSeg-dst from the network even where the aligned face has a mask
    classic: bool  # pixels as the reference computes them, its quirks included; faces where the model has learned to put them

    @property
    def xseg_parts(self) -> frozenset[str]:
        """Which XSeg masks the mask mode is made of."""
        return XSEG_PARTS.intersection(self.mask_mode.split("*"))

    @property
    def paints_every_dst(self) -> bool:
        """Whether XSeg-dst comes from the network, where there is one, whatever the aligned faces carry."""
        return self.xseg_on_frames or self.classic

    @property
    def is_raw(self) -> bool:
        """Whether the square of the network is wanted as it is: edges, filters and colors do not apply."""
        return self.mode.startswith("raw-")

    @property
    def is_drawn(self) -> bool:
        """Whether a face is blended into the frame: all modes but original and the raw ones."""
        return self.mode != "original" and not self.is_raw

    @property
    def is_seamless(self) -> bool:
        return self.mode.startswith("seamless")

    @property
    def adjusts_clone(self) -> bool:
        """Whether a cloned face is cropped again, for its colors or levels."""
        return self.mode == "seamless-hist-match" or (self.is_seamless and self.color_transfer_mode != "none")
