"""Sharpening and smearing of pictures (H, W, 3) float32; nothing is clipped, sharpening may leave 0..1."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np


def sharpen_box(picture: np.ndarray, amount: int, side: int = 3) -> np.ndarray:
    """The difference to the mean of `side` x `side` pixels, `amount` times added."""
    one = np.zeros((side, side), np.float32)
    one[side // 2, side // 2] = 1
    return cv2.filter2D(picture, -1, one + (one - np.float32(1 / side**2)) * amount)


def sharpen_gaussian(picture: np.ndarray, amount: int, side: int = 3) -> np.ndarray:
    """The difference to a Gaussian blur of `side` pixels, half of `amount` times added."""
    blurred = cv2.GaussianBlur(picture, (side, side), 0)
    return cv2.addWeighted(picture, 1 + 0.5 * amount, blurred, -0.5 * amount, 0)


def smeared(picture: np.ndarray, length: int, angle: float) -> np.ndarray:
    """`picture` averaged along a line of `length` pixels at `angle` degrees, counter-clockwise."""
    return cv2.filter2D(picture, -1, line_kernel(length, angle))


@lru_cache(maxsize=256)
def line_kernel(length: int, angle: float) -> np.ndarray:
    """(length, length) float32, sum 1."""
    kernel = np.zeros((length, length), np.float32)
    kernel[(length - 1) // 2] = 1
    middle = length / 2 - 0.5
    turned = cv2.warpAffine(kernel, cv2.getRotationMatrix2D((middle, middle), angle, 1), (length, length))
    return turned / turned.sum()
