"""Filters of merging (merger.md 6): sharper, softer, smeared along a movement, coarser. Pictures are float32 (H, W, 3) 0..1.

Nothing is clipped here: sharpening may leave 0..1.
"""

import cv2
import numpy as np

from samplers.blur import sharpen_box, sharpen_gaussian

MEDIAN = 5  # pixels
FULL_PASS = 100  # of the power to denoise with: below it a median counts for its share
LONGEST_SMEAR = 50  # pixels
PALETTE = 256


SHARPENERS = {"none": lambda picture, amount: picture, "box": sharpen_box, "gaussian": sharpen_gaussian}


def sharpened(picture, mode: str, amount: int):
    """`picture` sharpened by a positive `amount`, blurred by a negative one whatever the mode."""
    if amount > 0:
        return SHARPENERS[mode](picture, amount)
    return soften(picture, -amount, full_pass=10)


def soften(picture, power: int, *, full_pass: int):
    """Median after median, each taking 10 from `power`; one that finds less than `full_pass` counts for its share only."""
    while power > 0:
        median = cv2.medianBlur(picture, MEDIAN)
        share = min(power / full_pass, 1)
        picture = median if share == 1 else picture * np.float32(1 - share) + median * np.float32(share)
        power -= 10
    return picture


def smear_length(distance: float, percent: int) -> int:
    """Pixels to smear a face over that moves by `distance` pixels; 0 for no smear."""
    length = int(distance * percent / 100)
    return min(max(length + 1, 2), LONGEST_SMEAR) if length >= 1 else 0


def degraded(frame, *, denoise: int, rescale: int):
    """`frame` (H, W, 3) uint8 softened by medians (0..500), shrunk by about `rescale` percent and enlarged again; float32."""
    while denoise >= FULL_PASS:  # the median of whole levels is one of them: the same in bytes, and ten times as fast
        frame, denoise = cv2.medianBlur(frame, MEDIAN), denoise - 10
    frame = soften(np.divide(frame, np.float32(255), dtype=np.float32), denoise, full_pass=FULL_PASS)
    if not rescale:
        return frame
    height, width = frame.shape[:2]
    share = 1 - rescale / 101
    small = cv2.resize(frame, (max(1, int(width * share)), max(1, int(height * share))), interpolation=cv2.INTER_CUBIC)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def fewer_colors(picture, percent: int):
    """`picture` on its way to the 256 colors that suit it best; 100 is all the way."""
    from PIL import Image

    levels = np.clip(picture * 255, 0, 255).astype(np.uint8)  # truncated, as the reference
    indexed = Image.fromarray(np.ascontiguousarray(levels[..., ::-1])).quantize(PALETTE)
    reduced = np.asarray(indexed.convert("RGB"))[..., ::-1].astype(np.float32) / 255
    share = np.float32(percent / 100)
    return picture * (1 - share) + reduced * share
