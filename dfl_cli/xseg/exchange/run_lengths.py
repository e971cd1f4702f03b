"""COCO's run lengths: a mask as how many pixels are outside, inside, outside ... column by column, as numbers or packed into text."""

from __future__ import annotations

import numpy as np

from dfl_cli.translate import tr
from dfl_cli.xseg.exchange.shapes import Unusable
from samplers.files.image_codec import LARGEST_SIDE

FIRST = 48  # the character that stands for 0; six bits in each
LONGEST = 8  # characters of one number


def encode(mask: np.ndarray) -> dict:
    """(H, W) bool as `{"counts", "size"}` with numbers."""
    pixels = np.concatenate([[False], mask.reshape(mask.shape[:2]).ravel(order="F") > 0])
    changes = np.flatnonzero(pixels[1:] != pixels[:-1])
    counts = np.diff(np.concatenate([[0], changes, [pixels.size - 1]]))
    return {"counts": counts.tolist(), "size": list(mask.shape[:2])}


def decode(value: object) -> np.ndarray:
    """(H, W) uint8 0/1. Raises Unusable."""
    size = value.get("size") if isinstance(value, dict) else None
    sides = isinstance(size, list) and len(size) == 2 and all(type(each) is int for each in size)
    if not sides or not all(0 < each <= LARGEST_SIDE for each in size):
        raise damaged()
    height, width = size
    counts = value.get("counts")
    counts = numbers_of(counts) if isinstance(counts, str) else counts
    if not isinstance(counts, list) or not all(type(each) is int and 0 <= each <= height * width for each in counts):
        raise damaged()
    if sum(counts) != height * width:
        raise damaged()
    inside = np.arange(len(counts)) % 2
    return np.repeat(inside.astype(np.uint8), counts).reshape(height, width, order="F")


def numbers_of(text: str) -> list[int]:
    """Packed counts as numbers: five bits a character, the lowest first, and from the third on the difference to the one before last."""
    counts: list[int] = []
    value = length = 0
    for character in text:
        bits = ord(character) - FIRST
        if not 0 <= bits < 64 or length >= LONGEST:
            raise damaged()
        value |= (bits & 31) << (5 * length)
        length += 1
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << (5 * length)
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value = length = 0
    if length:
        raise damaged()
    return counts


def damaged() -> Unusable:
    return Unusable(tr("its mask is damaged"))
