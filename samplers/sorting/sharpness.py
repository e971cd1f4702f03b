"""How sharp a picture is: CPBD, and the spread of its Laplacian (facesets.md 6.1, 6.2). Greater is sharper."""

from __future__ import annotations

import cv2
import numpy as np

from samplers.sorting.canny import canny

BLOCK = 64  # pixels; each block is judged by itself
FEWEST_EDGES = 0.002  # of the pixels of a block that is judged
FARTHEST = 100  # steps an edge is followed to one side
VISIBLE_WIDTH = {True: 5, False: 3}  # pixels of an edge just seen as blurred: in flat blocks, in others
FLAT = 50  # grey levels between the darkest and the lightest pixel of a flat block
BETA = 3.6
JUST_NOTICEABLE = 63  # percent: the probability at which blur is noticed


def cpbd(grey: np.ndarray) -> float:
    """Share of the vertical edges on which no blur is noticed, 0..1; 0 where there are none.

    grey  (H, W) levels 0..255; H and W at least 64, what does not fill a block is left out

    N. Narvekar, L. Karam, A No-Reference Image Blur Metric Based on the Cumulative Probability of Blur Detection, 2011.
    """
    grey = np.asarray(grey, np.float64)
    widths, edges = _edge_widths(grey), canny(grey)
    judged = [_blurs(*block) for block in zip(_blocks(grey), _blocks(edges), _blocks(widths), strict=True)]
    percent = np.concatenate([np.zeros(0), *judged])
    return float((percent <= JUST_NOTICEABLE).sum() / percent.size) if percent.size else 0.0


def laplacian_variance(bgr: np.ndarray) -> float:
    """Variance of the Laplacian (aperture 11) over all channels of a uint8 picture; low where motion blurred it."""
    return float(cv2.Laplacian(bgr, cv2.CV_64F, ksize=11).var())


def _blocks(picture: np.ndarray) -> list[np.ndarray]:
    rows, columns = (side // BLOCK for side in picture.shape)
    corners = [(row * BLOCK, column * BLOCK) for row in range(rows) for column in range(columns)]
    return [picture[top : top + BLOCK, left : left + BLOCK] for top, left in corners]


def _blurs(grey: np.ndarray, edges: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """For each vertical edge of a block the probability, in whole percent, that its blur is seen."""
    if edges.sum() <= edges.size * FEWEST_EDGES:
        return np.zeros(0)
    visible = VISIBLE_WIDTH[int(grey.max() - grey.min()) <= FLAT]
    found = widths[widths != 0]
    return np.rint(100 * (1 - np.exp(-((found / visible) ** BETA))))


def _edge_widths(grey: np.ndarray) -> np.ndarray:
    """(H, W): the width of the edge at each pixel of a vertical edge, in pixels; 0 elsewhere."""
    down, right = np.gradient(grey)
    turn = np.where(right != 0, np.degrees(np.arctan2(down, right)), 0.0)
    eighth = np.rint(turn / 45)  # half to even
    edges = _vertical_edges(grey)
    edges[[0, -1]] = edges[:, [0, -1]] = False
    falling, rising = _run_widths(grey, rises=False), _run_widths(grey, rises=True)
    return np.where(edges & (np.abs(eighth) == 4), falling, np.where(edges & (eighth == 0), rising, 0))


def _vertical_edges(grey: np.ndarray) -> np.ndarray:
    """(H, W) bool: pixels where the picture changes sideways, thinned."""
    slope = cv2.Sobel(grey, cv2.CV_64F, 1, 0, borderType=cv2.BORDER_REFLECT) / 8
    power = slope * slope
    power[power <= 2 * np.sqrt(power.mean())] = 0
    around = cv2.copyMakeBorder(power, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    above, below = around[:-2, 1:-1], around[2:, 1:-1]
    before, after = around[1:-1, :-2], around[1:-1, 2:]
    return ((power > before) & (power > after)) | ((power > above) & (power > below))


def _run_widths(grey: np.ndarray, *, rises: bool) -> np.ndarray:
    """How far around each pixel the levels go on rising (or falling) to the right, both sides together.

    The step between a pixel and its neighbours is not looked at, and each side counts at least 1, as in the reference.
    """
    step = np.diff(grey, axis=1) * (1 if rises else -1) > 0  # step[c]: from column c to c + 1
    left, right = _runs(step), _runs(step[:, ::-1])[:, ::-1]
    widths = np.full(grey.shape, 2.0)
    widths[:, 2:] += np.minimum(left[:, : grey.shape[1] - 2], FARTHEST)
    widths[:, :-2] += np.minimum(right[:, 1:], FARTHEST)
    return widths


def _runs(step: np.ndarray) -> np.ndarray:
    """How many steps in a row, up to and including each, are true."""
    places = np.arange(1, step.shape[1] + 1)
    broken = np.maximum.accumulate(np.where(step, 0, places), axis=1)
    return places - broken
