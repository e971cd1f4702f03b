"""Moving pictures by fractions of a pixel, as a network's input is moved. Loads no Keras."""

import math

import numpy as np

SHARPNESS = -0.75  # of cubic interpolation (Keys 1981), as OpenCV has it


def taps(shift: float) -> np.ndarray:
    """(2N + 1,) float32: what moves a row of pixels to the right by `shift` pixels when it is correlated with it."""
    reach = math.floor(abs(shift)) + 2
    return _cubic(np.arange(-reach, reach + 1) + shift).astype(np.float32)


def moved(pictures: np.ndarray, shift: tuple[float, float]) -> np.ndarray:
    """`pictures` (B, H, W, C) float32 0..1 moved by `shift` pixels to the right and down, their edges repeated."""
    for axis, pixels in ((2, shift[0]), (1, shift[1])):
        if pixels:
            pictures = _moved_along(pictures, axis, taps(pixels))
    return pictures


def _moved_along(pictures: np.ndarray, axis: int, weights: np.ndarray) -> np.ndarray:
    side, reach = pictures.shape[axis], len(weights) // 2
    padded = np.pad(pictures, [(reach, reach) if dim == axis else (0, 0) for dim in range(4)], mode="edge")
    result = np.zeros_like(pictures)
    for start in np.flatnonzero(weights):
        result += weights[start] * np.take(padded, range(start, start + side), axis=axis)
    return np.clip(result, 0, 1, out=result)


def _cubic(distance: np.ndarray) -> np.ndarray:
    """Weight of a pixel so far away."""
    d = np.abs(distance)
    near = ((SHARPNESS + 2) * d - (SHARPNESS + 3)) * d * d + 1
    far = SHARPNESS * (((d - 5) * d + 8) * d - 4)
    return np.where(d <= 1, near, np.where(d < 2, far, 0.0))
