"""How sharp the swap is beside dst."""

from __future__ import annotations

import cv2
import numpy as np

from dfl_cli.evaluate.metrics.score import Score, finite, mean, shuffles

GRAY = np.float32([0.114, 0.587, 0.299])  # of BGR
EDGE = 1 / 32  # of the side: so far inside a mask its edge does not count
FEWEST = 50  # pixels
LEAST = 1e-7  # a picture without any detail


def sharpness(swap: np.ndarray, dst: np.ndarray, real: np.ndarray) -> Score:
    """The median ratio of the swaps' sharpness to dst's; the floor is that of src's own pictures.

    swap, dst  (N,) as `detail` gives it, in the same mask
    real       (K,) of faces of src
    """
    per_frame = swap / np.maximum(dst, LEAST)
    typical = np.nanmedian(dst) if np.isfinite(dst).any() else np.nan
    floor = np.nanmedian(real) / max(typical, LEAST) if np.isfinite(real).any() else np.nan
    chance = mean([middle(swap[order] / np.maximum(dst, LEAST)) for order in shuffles(len(dst))])
    return Score(finite(middle(per_frame)), finite(floor), finite(chance), True, "", per_frame)


def middle(values: np.ndarray) -> float:
    return float(np.nanmedian(values)) if np.isfinite(values).any() else float("nan")


def detail(picture: np.ndarray, mask: np.ndarray) -> float:
    """The variance of the Laplacian of a picture (H, W, 3) 0..1 inside a mask (H, W, 1); nan where that is too small."""
    reach = max(1, round(EDGE * len(mask)))
    inside = (mask[..., 0] >= 0.5).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    inside = cv2.erode(inside, kernel, borderValue=0) > 0
    if np.count_nonzero(inside) < FEWEST:
        return float("nan")
    return float(cv2.Laplacian(np.ascontiguousarray(picture @ GRAY, np.float32), cv2.CV_32F)[inside].var())
