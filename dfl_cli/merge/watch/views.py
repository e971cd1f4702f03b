"""Ways to look at a merged frame, by name."""

from collections.abc import Callable

import cv2
import numpy as np

from dfl_cli.merge.watch.renderer import Rendered

ZOOM_STEP, SMALLEST_ZOOM, LARGEST_ZOOM = 0.1, 0.1, 4.0
TILE = 5  # pixels of the checkerboard
DIMMED, CHECKER = 0.75, 64  # merger.md 3: color * 0.75 + 64 * checker * (1 - mask)


def merged(rendered: Rendered):
    return rendered.picture


def original(rendered: Rendered):
    return rendered.original


def mask(rendered: Rendered):
    """The merged frame, a checkerboard over what the mask leaves out; (H, W, 3) uint8."""
    height, width = rendered.mask.shape
    rows, columns = np.arange(height) // TILE % 2, np.arange(width) // TILE % 2
    board = (rows[:, None] ^ columns).astype(np.float32) * CHECKER
    left_out = board * (1 - rendered.mask.astype(np.float32) / 255)
    return np.rint(rendered.picture * np.float32(DIMMED) + left_out[..., None]).astype(np.uint8)


def side_by_side(rendered: Rendered):
    """Original and merged; one above the other where frames are wider than high, so that both are seen larger."""
    original, (height, width) = rendered.original, rendered.mask.shape
    if original.shape[:2] != (height, width):  # raw-predict shows the network's square
        wide = round(original.shape[1] * height / original.shape[0])
        return cv2.hconcat([cv2.resize(original, (wide, height), interpolation=cv2.INTER_AREA), rendered.picture])
    join = cv2.vconcat if width > 2 * height else cv2.hconcat
    return join([original, rendered.picture])


VIEWS: dict[str, Callable[[Rendered], np.ndarray]] = {
    "merged": merged,
    "original": original,
    "mask": mask,
    "side": side_by_side,
}


def fitted(picture, width: int):
    """`picture` no wider than `width` pixels."""
    if picture.shape[1] <= width:
        return picture
    height = max(round(picture.shape[0] * width / picture.shape[1]), 1)
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def zoomed(zoom: float, *, larger: bool) -> float:
    """The next zoom."""
    step = ZOOM_STEP if larger else -ZOOM_STEP
    return round(min(max(zoom + step, SMALLEST_ZOOM), LARGEST_ZOOM), 1)
