"""Shrinking, growing and softening a mask (merger.md 4.4).

Amounts are pixels of the mask square, whose side is four times the model's resolution, so they follow the size of the face.
"""

import cv2
import numpy as np

FINEST = np.float32(1 / 255)  # what is less than one step of an 8-bit mask counts as nothing
MASK_SQUARE = 4  # side of the mask square in sides of the model's picture


def clean(mask):
    """`mask` with everything below one 8-bit step set to 0."""
    return np.where(mask < FINEST, np.float32(0), mask)


def mask_square(mask, resolution: int):
    """`mask` (S, S), enlarged to the mask square (4R, 4R); may overshoot 0..1."""
    side = MASK_SQUARE * resolution
    return cv2.resize(clean(mask), (side, side), interpolation=cv2.INTER_CUBIC)


def shape_edges(mask, *, erode: int, blur: int):
    """`mask` (4R, 4R) shrunk by `erode` (grown if negative), faded over `blur` pixels and kept inside its square; 0..1."""
    if not erode and not blur:
        return np.clip(mask, 0, 1)
    pad = mask.shape[0] // MASK_SQUARE
    padded = np.pad(mask, pad)
    area = neighborhood(padded, abs(erode) + blur)
    padded[area] = resized(padded[area], erode)
    padded = clear_rim(padded, pad + blur // 2)
    if blur:
        side = blur + (1 - blur % 2)  # a Gaussian has a middle pixel
        padded[area] = cv2.GaussianBlur(padded[area], (side, side), 0)
    return np.clip(padded[pad:-pad, pad:-pad], 0, 1)


def neighborhood(mask, reach: int) -> tuple[slice, slice]:
    """Rows and columns that hold all of `mask` that is not 0, and `reach` pixels around: beyond them filters see only zeros."""
    left, top, width, height = cv2.boundingRect((mask != 0).astype(np.uint8))
    rows = slice(max(top - reach, 0), top + height + reach)
    return rows, slice(max(left - reach, 0), left + width + reach)


def resized(mask, erode: int):
    """`mask` eroded, or dilated if `erode` is negative, with an ellipse of that many pixels."""
    if not erode:
        return mask
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(erode), abs(erode)))
    return cv2.erode(mask, kernel) if erode > 0 else cv2.dilate(mask, kernel)


def clear_rim(mask, width: int):
    """`mask` with the outer `width` pixels on each side set to 0: room for the fade."""
    cleared = np.zeros_like(mask)
    inner = slice(width, mask.shape[0] - width)
    cleared[inner, inner] = mask[inner, inner]
    return cleared
