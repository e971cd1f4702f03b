"""What the networks give back. Pictures (B, R, R, 3) and masks (B, R, R, 1), 0..1 float32."""

from typing import Any, NamedTuple


class Reconstruction(NamedTuple):
    """Both people through their own path, with the codes in between (B, side, side, C)."""

    src: Any
    src_mask: Any
    dst: Any
    dst_mask: Any
    src_code: Any
    dst_code: Any
    swap_code: Any  # dst's face on the way to src's decoder


class Swap(NamedTuple):
    """dst's faces with src's face painted over them."""

    bgr: Any
    prd_mask: Any  # of the painted face
    dst_mask: Any  # of dst's own face
