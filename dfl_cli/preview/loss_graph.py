"""The loss graph above a preview (wizard.md 5.7)."""

import colorsys
from collections.abc import Sequence

import cv2
import numpy as np

HEIGHT = 100  # pixels
BACKGROUND = 0.1
GRID_GREY = 0.8
GRID_LINES = 6
FONT, FONT_SCALE = cv2.FONT_HERSHEY_SIMPLEX, 0.45
MARGIN, SQUARE = 4, 8  # pixels: beside a text, side of a color in the legend
BASELINE = HEIGHT - 1 - HEIGHT // GRID_LINES // 3  # of the text in the lowest band
TEXT_TOP = BASELINE - 12


def draw_loss_graph(losses: np.ndarray, iteration: int, width: int, names: Sequence[str] = ()) -> np.ndarray:
    """History as one band of color per loss: each column spans the lowest to the highest loss of the iterations it stands for.

    Args:
        losses: (L, K) float, K losses of L iterations, oldest first. Not-finite values are left out.
        iteration: written into the lowest band; nothing at 0.
        width: of the picture, pixels.
        names: of the losses, for a legend on the right of the lowest band; left out where it does not fit.

    Returns:
        (100, width, 3) float32 BGR. The top is twice the mean of the last four fifths, so early losses do not flatten the rest.
    """
    graph = np.full((HEIGHT, width, 3), BACKGROUND, np.float32)
    losses = np.asarray(losses, np.float64)
    losses = losses[np.isfinite(losses).all(axis=1)] if losses.size else losses
    if len(losses):
        top = 2 * losses[len(losses) // 5 :].mean(dtype=np.float64) or 1.0
        for index, low, high in _columns(losses, width):
            _draw_strokes(graph, _rows(low, top), _rows(high, top), _color(index, losses.shape[1]))
    for line in range(GRID_LINES):
        graph[int(line * (HEIGHT - 1) / (GRID_LINES - 1))] = GRID_GREY
    left = MARGIN
    if iteration:
        left = _write(graph, f"Iter: {iteration}", left)
    _write_legend(graph, names, left)
    return graph


def with_loss_graph(preview: np.ndarray, losses: np.ndarray, iteration: int, names: Sequence[str] = ()) -> np.ndarray:
    """The loss graph stacked on a preview, as uint8 BGR. `names` are those of the losses."""
    graph = draw_loss_graph(losses, iteration, preview.shape[1], names)
    return np.rint(np.concatenate([graph, preview], axis=0) * 255).astype(np.uint8)


def _columns(losses: np.ndarray, width: int):
    """(loss index, least, greatest) with (width,) arrays; column c covers rows floor(c*L/w) to floor((c+1)*L/w)-1, at least one."""
    starts = np.arange(width) * len(losses) // width
    ends = np.maximum((np.arange(width) + 1) * len(losses) // width, starts + 1)
    for index in range(losses.shape[1]):
        values = losses[:, index]
        pairs = np.array([(values[a:b].min(), values[a:b].max()) for a, b in zip(starts, ends, strict=True)])
        yield index, pairs[:, 0], np.maximum(pairs[:, 1], 0)


def _rows(values: np.ndarray, top: float) -> np.ndarray:
    return np.clip(values / top * (HEIGHT - 1), 0, HEIGHT - 1).astype(int)


def _color(index: int, count: int) -> np.ndarray:
    """Hue index/count in the reference's channel order: with two losses src is blue and dst yellow."""
    return np.array(colorsys.hsv_to_rgb(index / count, 1.0, 1.0), np.float32)


def _draw_strokes(graph: np.ndarray, low: np.ndarray, high: np.ndarray, color: np.ndarray) -> None:
    heights = np.arange(HEIGHT - 1, -1, -1)[:, None]  # of each picture row above the bottom
    graph[(heights >= low) & (heights <= high)] = color


def _write_legend(graph: np.ndarray, names: Sequence[str], left: int) -> None:
    """A square in the color of each loss and its name, on background: from the right edge to `left` at most."""
    start = graph.shape[1] - sum(SQUARE + MARGIN + _text_width(name) for name in names)
    if not names or start < left:
        return
    graph[TEXT_TOP : HEIGHT - 1, start - MARGIN :] = BACKGROUND
    for index, name in enumerate(names):
        graph[BASELINE - SQUARE : BASELINE, start : start + SQUARE] = _color(index, len(names))
        start = _write(graph, name, start + SQUARE + MARGIN)


def _text_width(text: str) -> int:
    """Pixels, with the margin."""
    return cv2.getTextSize(text, FONT, FONT_SCALE, 1)[0][0] + MARGIN


def _write(graph: np.ndarray, text: str, left: int) -> int:
    """Returns where the next text may begin. OpenCV 5 writes into 8-bit pictures only, so the letters are drawn as a mask."""
    letters = np.zeros(graph.shape[:2], np.uint8)
    cv2.putText(letters, text, (left, BASELINE), FONT, FONT_SCALE, 255, 1, cv2.LINE_AA)
    weight = letters[:, :, None] / np.float32(255)
    graph += (GRID_GREY - graph) * weight
    return left + _text_width(text)
