"""Whether the edge of the swap can be seen: the gradient across it beside dst's in the same place."""

from __future__ import annotations

import cv2
import numpy as np

from dfl_cli.evaluate.metrics.score import Score, finite, mean, shuffles

EDGE = 0.5  # of a mask
REACH = 1 / 64  # of the side: how far from the edge a pixel still lies on it
NOISE = 1 / 255  # per pixel: a gradient that is less cannot be seen


def seam(swap: np.ndarray, dst: np.ndarray, mask: np.ndarray) -> Score:
    """The ratio of the gradients, the geometric mean along the edge; 1, the floor, for what does not stand out.

    Every piece of the edge counts alike, so that a strong edge of dst's own, as between chin and background, does not hide it.

    swap, dst  (N, R, R, 3) 0..1
    mask       (N, R, R, 1) 0..1, where the swap is laid on
    """
    value, per_frame = across_edges(swap, dst, mask)
    chance = mean([across_edges(swap[order], dst, mask)[0] for order in shuffles(len(dst))[:1]])
    return Score(finite(value), 1.0, finite(chance), False, "", per_frame)


def across_edges(swap: np.ndarray, dst: np.ndarray, mask: np.ndarray) -> tuple[float, np.ndarray]:
    """The median over the frames, and (N,) their ratios; nan where a mask has no edge."""
    ratios = np.array([across_edge(*one) for one in zip(swap, dst, mask, strict=True)])
    known = ratios[np.isfinite(ratios)]
    return float(np.median(known)) if len(known) else float("nan"), ratios


def across_edge(swap: np.ndarray, dst: np.ndarray, mask: np.ndarray) -> float:
    """Of one frame."""
    normal, edge = edge_of(mask[..., 0])
    if not edge.any():
        return float("nan")
    laid_on, before = (gradient_along(picture, normal)[edge] for picture in (swap * mask + dst * (1 - mask), dst))
    return float(np.exp(np.log((laid_on + NOISE) / (before + NOISE)).mean()))


def edge_of(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The direction (2, H, W) across the edge of a mask (H, W), and which pixels (H, W) lie on it.

    The border of the picture is no edge.
    """
    reach = max(1, round(REACH * len(mask)))
    inside = (mask >= EDGE).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    edge = cv2.dilate(inside, kernel) > cv2.erode(inside, kernel)
    edge[[0, -1]] = edge[:, [0, -1]] = False
    slope = slopes(cv2.GaussianBlur(np.float32(inside), (0, 0), reach))
    return slope / np.maximum(np.linalg.norm(slope, axis=0), 1e-6), edge


def gradient_along(picture: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """(H, W): how fast a picture (H, W, 3) changes along `normal` (2, H, W), the mean of its channels."""
    return np.abs(np.einsum("ahw,ahwc->hwc", normal, slopes(picture))).mean(axis=2)


def slopes(picture: np.ndarray) -> np.ndarray:
    """(2, H, W, ...) per pixel, to the right and down."""
    picture = np.ascontiguousarray(picture, np.float32)
    return np.stack([cv2.Sobel(picture, cv2.CV_32F, *axis, ksize=3, scale=1 / 8) for axis in ((1, 0), (0, 1))])
