"""Reconstruction losses (models.md 1.3, 3.4, 3.5): one float32 number per face, (B,). Nothing here is clipped unless said.

Pictures (B, H, W, C) 0..1, masks (B, H, W, 1) 0..1, 1 is face.
"""

import numpy as np
from keras import ops

SSIM_SIGMA = 1.5  # pixels, whatever the filter size


def dssim(a, b, filter_size: int):
    """Structural dissimilarity (1 - SSIM) / 2 per channel, (B, C): 0 for equal pictures.

    The window lies inside the picture only, so `filter_size` must not exceed its side.
    """
    size = max(1, filter_size)
    offsets = np.arange(size) - (size - 1) / 2
    row = gaussian_row(offsets, SSIM_SIGMA)
    a, b = ops.cast(a, "float32"), ops.cast(b, "float32")
    maps = ops.concatenate([a, b, a * b, ops.square(a) + ops.square(b)], axis=-1)
    mean_a, mean_b, product, squares = ops.split(filter_rows_and_columns(maps, row), 4, axis=-1)
    c1, c2 = 0.01**2, 0.03**2
    means, mean_squares = 2 * mean_a * mean_b, ops.square(mean_a) + ops.square(mean_b)
    luminance = (means + c1) / (mean_squares + c1)
    contrast = (2 * product - means + c2) / (squares - mean_squares + c2)
    return (1 - ops.mean(luminance * contrast, axis=(1, 2))) / 2


def gaussian_blur(x, sigma: float):
    """`x` blurred by `sigma` pixels (may be a fraction). Outside counts as 0, so borders darken."""
    size = max(3, int(4 * sigma)) | 1  # odd
    row = gaussian_row(np.arange(size) - size // 2, sigma)
    margin = size // 2
    padded = ops.pad(ops.cast(x, "float32"), ((0, 0), (margin, margin), (margin, margin), (0, 0)))
    return filter_rows_and_columns(padded, row)


def gaussian_row(offsets, sigma: float) -> np.ndarray:
    """Weights of a bell at `offsets` (n,) pixels from its center, sum 1."""
    row = np.exp(-(np.square(offsets)) / (2 * sigma**2))
    return row / row.sum()


def filter_rows_and_columns(x, row: np.ndarray):
    """`x` (B, H, W, C) weighted by `row` (n,) along both sides, inside only: (B, H - n + 1, W - n + 1, C)."""
    kernel = np.repeat(row.astype(np.float32)[:, None], x.shape[-1], axis=1)[..., None]  # (n, C, 1)
    x = ops.depthwise_conv(x, ops.convert_to_tensor(kernel[:, None]), padding="valid")
    return ops.depthwise_conv(x, ops.convert_to_tensor(kernel[None]), padding="valid")


def soften(mask, resolution: int):
    """The mask blurred outwards: 1 inside, falling to 0 around it."""
    return ops.clip(gaussian_blur(mask, max(1, resolution // 32)), 0, 0.5) * 2


def blur_out(picture, mask, resolution: int):
    """`picture` with what lies outside `mask` smeared away, by resolution / 128 pixels; the face is left as it is."""
    sigma = resolution / 128
    outside = 1 - mask
    smeared = gaussian_blur(picture * outside, sigma)
    weight = 1 - gaussian_blur(mask, sigma)
    weight = ops.where(weight == 0, 1.0, weight)
    return picture * mask + smeared / weight * outside


def structural(truth, guess, resolution: int):
    """10 x DSSIM at one window, from 256 pixels on shared between two window sizes."""
    if resolution < 256:
        return 10 * ops.mean(dssim(truth, guess, int(resolution / 11.6)), axis=1)
    return structural_at_two_sizes(truth, guess, resolution)


def structural_at_two_sizes(truth, guess, resolution: int):
    """5 x DSSIM at each of two window sizes."""
    large, small = int(resolution / 11.6), int(resolution / 23.2)
    return 5 * ops.mean(dssim(truth, guess, large), axis=1) + 5 * ops.mean(dssim(truth, guess, small), axis=1)


def squared(truth, guess):
    """10 x the mean squared difference."""
    return 10 * per_face(ops.square(truth - guess))


def eyes_and_mouth(truth, guess, em_mask):
    """300 x the mean absolute difference on eyes and mouth."""
    return 300 * per_face(ops.abs(truth * em_mask - guess * em_mask))


def per_face(x):
    """Mean over everything but the batch: (B, ...) -> (B,)."""
    return ops.mean(x, axis=tuple(range(1, len(x.shape))))
