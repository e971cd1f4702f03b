"""Shrinking, growing and softening a mask (merger.md 4.4).

Amounts are pixels of the mask square, whose side is four times the model's resolution, so they follow the size of the face.
"""

import cv2
import numpy as np

FINEST = np.float32(1 / 255)  # what is less than one step of an 8-bit mask counts as nothing
BELOW_FINEST = float(np.nextafter(FINEST, np.float32(0)))  # the last that OpenCV, which keeps what is above, sets to 0
MASK_SQUARE = 4  # side of the mask square in sides of the model's picture

SMALL_ELLIPSE = (
    24  # pixels; up to here OpenCV's own filter is quicker (0.8 against 2.4 ms at 10, 96 against 18 ms at 100)
)


def clean(mask):
    """`mask` with everything below one 8-bit step set to 0."""
    return cv2.threshold(mask, BELOW_FINEST, 0, cv2.THRESH_TOZERO)[1]


def mask_square(mask, resolution: int):
    """`mask` (S, S), enlarged to the mask square (4R, 4R); may overshoot 0..1."""
    side = MASK_SQUARE * resolution
    return cv2.resize(clean(mask), (side, side), interpolation=cv2.INTER_CUBIC)


def shape_edges(mask, *, erode: int, blur: int, centered: bool = True):
    """`mask` (4R, 4R) shrunk by `erode` (grown if negative), faded over `blur` pixels and kept inside its square; 0..1.

    centered  False: as the reference, an even `erode` moves the mask by half a pixel
    """
    if centered and erode:
        erode += (1 - abs(erode) % 2) * (1 if erode > 0 else -1)  # that ellipse, with the last row and column it lacks
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
    left, top, width, height = cv2.boundingRect((mask != 0).view(np.uint8))
    rows = slice(max(top - reach, 0), top + height + reach)
    return rows, slice(max(left - reach, 0), left + width + reach)


def resized(mask, erode: int):
    """`mask` eroded, or dilated if `erode` is negative, with an ellipse of that many pixels."""
    size = abs(erode)
    if size > SMALL_ELLIPSE:
        return by_strips(mask, size, shrink=erode > 0)
    if not size:
        return mask
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return cv2.erode(mask, kernel) if erode > 0 else cv2.dilate(mask, kernel)


def by_strips(mask, size: int, *, shrink: bool):
    """What `cv2.erode` (or `dilate`) gives for an ellipse of `size`, in a number of steps that grows with it, not with its square.

    The rows of an ellipse are spans that lie in each other: a strip that grows by a column at a time serves them all, narrow ones first.
    """
    pick, neutral = (np.minimum, np.inf) if shrink else (np.maximum, -np.inf)
    middle, (height, width) = size // 2, mask.shape
    padded = np.pad(mask, middle, constant_values=neutral)
    result = np.full(mask.shape, neutral, np.float32)
    strip, left, right = padded[:, middle : middle + width].copy(), 0, 0
    for row, first, last in sorted(ellipse_rows(size), key=lambda span: span[2] - span[1]):
        for column in [*range(first, left), *range(right + 1, last + 1)]:
            pick(strip, padded[:, middle + column : middle + column + width], out=strip)
        left, right = min(left, first), max(right, last)
        pick(result, strip[middle + row : middle + row + height], out=result)
    return result


def ellipse_rows(size: int) -> list[tuple[int, int, int]]:
    """OpenCV's ellipse of `size` pixels as rows (y, first x, last x) counted from its anchor."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    middle = size // 2
    columns = [np.flatnonzero(row) - middle for row in kernel]
    return [(y - middle, int(x[0]), int(x[-1])) for y, x in enumerate(columns)]


def clear_rim(mask, width: int):
    """`mask` with the outer `width` pixels on each side set to 0: room for the fade."""
    cleared = np.zeros_like(mask)
    inner = slice(width, mask.shape[0] - width)
    cleared[inner, inner] = mask[inner, inner]
    return cleared
