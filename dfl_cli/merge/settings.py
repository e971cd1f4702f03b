"""The settings one merge works with; their names, limits and defaults stand in `dfl_cli/options/merge.py`."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class MergeSettings:
    """Field name = key of the option table."""

    mode: str  # a key of blend.MODES
    mask_mode: str  # a key of mask_modes.MASK_MODES
    erode_mask_modifier: int  # pixels of the mask square, -400..400; negative grows
    blur_mask_modifier: int  # pixels of the mask square, 0..400
    output_face_scale: int  # percent, -50..50; positive values make the face smaller
    color_transfer_mode: str  # "none", or one of samplers.color_transfer.MASKED_MODES
    landmark_smoothing: int  # frames to each side, 0..30; 0 is off
