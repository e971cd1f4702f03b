"""Random shifts of hue, saturation and value (facesets.md 3.9 step 4). Drawing is apart from applying."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np


class HsvShift(NamedTuple):
    hue: int  # degrees
    saturation: float  # added
    value: float  # added


def draw_hsv(rng: np.random.RandomState, power: float) -> HsvShift:
    """A shift of up to `power` (0..1, above 0): hue by half of it times 360 degrees, the others by half of it."""
    most = max(1, int(360 * power * 0.5))
    hue = rng.randint(-most, most + 1)
    saturation = (rng.random_sample() - 0.5) * power
    return HsvShift(int(hue), float(saturation), float((rng.random_sample() - 0.5) * power))


def apply_hsv(image: np.ndarray, shift: HsvShift) -> np.ndarray:
    """`image` (H, W, 3) float32 BGR 0..1, with its colors shifted; 0..1."""
    hue, saturation, value = cv2.split(cv2.cvtColor(image, cv2.COLOR_BGR2HSV))
    hue += np.float32(shift.hue % 360)
    np.subtract(hue, 360, out=hue, where=hue >= 360)
    for channel, change in ((saturation, shift.saturation), (value, shift.value)):
        channel += np.float32(change)
        np.clip(channel, 0, 1, out=channel)
    shifted = cv2.cvtColor(cv2.merge([hue, saturation, value]), cv2.COLOR_HSV2BGR)
    return np.clip(shifted, 0, 1, out=shifted)
