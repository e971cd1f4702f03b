"""What a training picture of XSeg goes through besides movement: colors, sharpness, size, JPEG (facesets.md 7.4).

Each `draw_*` takes its random numbers in the reference's order and returns what to do with a picture (H, W, 3) float32,
or None where chance left it out; a filter changes no picture that it is given. Chances are percents.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np

from samplers.blur import sharpen_box, sharpen_gaussian, smeared
from samplers.colors.color import HsvShift, apply_hsv

Filter = Callable[[np.ndarray], np.ndarray]


class Levels(NamedTuple):
    """For each of the three channels: what becomes darkest and brightest, the bend between, and what they become."""

    in_black: np.ndarray
    in_white: np.ndarray
    gamma: np.ndarray
    out_black: np.ndarray
    out_white: np.ndarray


class FadedCircle(NamedTuple):
    """1 around a place that grows fainter with the distance; it may lie off the middle, or be all 1 or 0 nearly everywhere."""

    start: int  # pixels from the center at which it begins to fade
    end: int
    row: int
    column: int

    def mask(self, side: int) -> np.ndarray:
        """(side, side, 1) float32 0..1. The division is by `end`, not by the distance from `start`, as in the reference."""
        places = np.arange(side, dtype=np.float32)
        distance = np.sqrt((places[:, None] - self.row) ** 2 + (places - self.column) ** 2)
        faded = 1 - np.maximum(distance - self.start, 0) / np.float32(self.end or 1)
        return np.maximum(faded, 0)[..., None]


def draw_circle(rng: np.random.RandomState, side: int) -> FadedCircle:
    start = rng.randint(side)
    end = start + rng.randint(side - start)
    return FadedCircle(start, end, rng.randint(side), rng.randint(side))


def within(image: np.ndarray, changed: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`changed` where `mask` (H, W, 1) is 1, `image` where it is 0. Written over `changed`."""
    share = channels3(mask)
    changed *= share
    np.subtract(1, share, out=share)
    share *= image
    changed += share
    return changed


def channels3(mask: np.ndarray) -> np.ndarray:
    """A new (H, W, 3) of a mask (H, W, 1): NumPy computes several times faster with equal shapes."""
    return cv2.cvtColor(mask, cv2.COLOR_GRAY2BGR)


def draw_levels(rng: np.random.RandomState) -> Filter:
    draws = [rng.random_sample(3) for _ in Levels._fields]
    in_black, in_white, gamma, out_black, out_white = draws
    levels = Levels(in_black * 0.25, 1 - in_white * 0.25, 0.5 + gamma, out_black * 0.25, 1 - out_white * 0.25)
    return partial(apply_levels, levels=Levels(*(each.astype(np.float32) for each in levels)))


def apply_levels(image: np.ndarray, levels: Levels) -> np.ndarray:
    height, width = image.shape[:2]
    row = Levels(*(np.tile(each, width) for each in levels))  # of a whole row of pixels: many times as fast as of three
    bent = image.reshape(height, -1) - row.in_black
    bent /= row.in_white - row.in_black
    np.clip(bent, 0, 1, out=bent)
    np.power(bent, 1 / row.gamma, out=bent)
    bent *= row.out_white - row.out_black
    bent += row.out_black
    return np.clip(bent, 0, 1, out=bent).reshape(image.shape)


def draw_hsv_shift(rng: np.random.RandomState) -> Filter:
    hue = rng.randint(360)
    saturation = rng.random_sample() - 0.5
    return partial(apply_hsv, shift=HsvShift(hue, saturation, rng.random_sample() - 0.5))


def draw_sharpen(rng: np.random.RandomState, chance: int, longest: int) -> Filter | None:
    side = rng.randint(longest) + 1
    side += 1 - side % 2
    if not _happens(rng, chance):
        return None
    if rng.randint(2) == 0:
        return partial(sharpen_box, amount=rng.randint(10), side=side)
    return partial(sharpen_gaussian, amount=rng.randint(50), side=side)


def draw_motion_blur(rng: np.random.RandomState, chance: int, longest: int) -> Filter | None:
    length = rng.randint(longest) + 1
    angle = rng.randint(360)
    return partial(smeared, length=length, angle=angle) if _happens(rng, chance) else None


def draw_gaussian_blur(rng: np.random.RandomState, chance: int, longest: int) -> Filter | None:
    if not _happens(rng, chance):
        return None
    side = rng.randint(longest) * 2 + 1
    return lambda image: cv2.GaussianBlur(image, (side, side), 0)


def draw_resize(rng: np.random.RandomState, chance: int, percent: int, *, interpolation: int) -> Filter | None:
    """Smaller by up to `percent`, and back to its size."""
    return partial(_resized, share=rng.rand(), percent=percent, how=interpolation) if _happens(rng, chance) else None


def _resized(image: np.ndarray, share: float, percent: int, how: int) -> np.ndarray:
    height, width = image.shape[:2]
    small = tuple(max(1, side - int(share * int(side * percent / 100))) for side in (width, height))
    return cv2.resize(cv2.resize(image, small, interpolation=how), (width, height), interpolation=how)


draw_nearest_resize = partial(draw_resize, interpolation=cv2.INTER_NEAREST)
draw_linear_resize = partial(draw_resize, interpolation=cv2.INTER_LINEAR)


def draw_jpeg(rng: np.random.RandomState, chance: int) -> Filter | None:
    return partial(_through_jpeg, quality=rng.randint(10, 101)) if _happens(rng, chance) else None


def _through_jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    levels = np.clip(image * 255, 0, 255).astype(np.uint8)
    encoded = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED).astype(np.float32) / 255


def _happens(rng: np.random.RandomState, chance: int) -> bool:
    return rng.randint(100) < chance
