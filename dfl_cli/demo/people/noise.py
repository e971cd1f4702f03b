"""Smooth chance patterns for skin, hair and cloth."""

import cv2
import numpy as np


def fractal(
    rng: np.random.Generator, shape: tuple[int, int], cells: tuple[float, float], octaves: int = 3
) -> np.ndarray:
    """Noise (H, W) float32 of mean 0 and deviation 1 with about `cells` (down, across) blobs; each octave halves them."""
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        rows, columns = (max(2, min(int(n * 2**octave), side)) for n, side in zip(cells, shape, strict=True))
        layer = rng.standard_normal((rows, columns)).astype(np.float32)
        total += cv2.resize(layer, shape[::-1], interpolation=cv2.INTER_CUBIC) * 0.6**octave
    return (total - total.mean()) / total.std()


def lookup(texture: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """`texture` (H, W, 1, 3 or 4 channels) at the texels x, y (N,): (N, C). Outside it the border goes on."""
    count, across = len(x), 1024
    size = (-(-count // across), across)  # remap takes sides below 32768 only
    maps = [np.resize(v.astype(np.float32), size) if count else np.zeros((1, 1), np.float32) for v in (x, y)]
    found = cv2.remap(texture, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return found.reshape(-1, texture.shape[2] if texture.ndim == 3 else 1)[:count]


def linear(color) -> np.ndarray:
    """Amount of light for a picture's value 0..1, channel by channel."""
    return np.power(np.asarray(color, np.float32), 2.2)
