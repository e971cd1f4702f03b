"""Pictures (H, W, 3) uint8 BGR as what terminals draw: half blocks in 24-bit color, sixel, kitty's graphics protocol. Pure."""

import base64
import re
from itertools import groupby

import cv2
import numpy as np

RESET = "\x1b[0m"
CHUNK = 4096  # characters of a kitty message
COLORS = 255  # of a sixel picture
SAMPLE = 4096  # pixels from which they are found
BAND = 6  # rows that one line of sixels holds
BIN_BITS = 5  # a color is looked up by this many bits of each channel


def half_blocks(picture: np.ndarray) -> str:
    """A line of `▀` for every two rows: the upper one in its color, the lower one behind it. An odd last row stands on black."""
    if len(picture) % 2:
        picture = np.concatenate([picture, np.zeros_like(picture[:1])])
    pairs = np.concatenate([picture[0::2, :, ::-1], picture[1::2, :, ::-1]], axis=2)
    lines = []
    for row in pairs.tolist():
        runs = ((colors, len(list(run))) for colors, run in groupby(row))
        cells = "".join(f"\x1b[38;2;{r};{g};{b};48;2;{R};{G};{B}m{'▀' * n}" for (r, g, b, R, G, B), n in runs)
        lines.append(f"{cells}{RESET}\n")
    return "".join(lines)


def kitty(picture: np.ndarray) -> str:
    """A PNG in messages of kitty's graphics protocol, which the terminal is asked not to answer."""
    _, png = cv2.imencode(".png", picture)
    text = base64.b64encode(png.tobytes()).decode()
    chunks = [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]
    first = "a=T,f=100,q=2,"
    messages = [
        f"\x1b_G{first if number == 0 else ''}m={int(number < len(chunks) - 1)};{chunk}\x1b\\"
        for number, chunk in enumerate(chunks)
    ]
    return "".join(messages) + "\n"


def sixel(picture: np.ndarray) -> str:
    """DEC's sixels, six rows at a time, in up to 255 colors found in the picture."""
    height, width = picture.shape[:2]
    indexes, colors = reduced(picture)
    percent = np.rint(colors[:, ::-1] / 255 * 100).astype(int).tolist()
    palette = "".join(f"#{number};2;{r};{g};{b}" for number, (r, g, b) in enumerate(percent))
    bands = "-".join(sixel_band(indexes[top : top + BAND]) for top in range(0, height, BAND))
    return f'\x1bP0;1q"1;1;{width};{height}{palette}{bands}\x1b\\\n'


def sixel_band(indexes: np.ndarray) -> str:
    """(up to 6, W) color numbers: for each color, a character per column whose bits are the rows that have it."""
    weights = (1 << np.arange(len(indexes)))[:, None]
    layers = []
    for color in np.unique(indexes):
        sixels = ((indexes == color) * weights).sum(axis=0) + ord("?")
        text = sixels.astype(np.uint8).tobytes().decode().rstrip("?")
        layers.append(f"#{color}" + re.sub(r"(.)\1{3,}", lambda run: f"!{len(run[0])}{run[1]}", text))
    return "$".join(layers)


def reduced(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(H, W) numbers of colors and the colors (N, 3) BGR: the centers of clusters, where there are too many."""
    pixels = picture.reshape(-1, 3)
    sample = pixels[:: max(1, len(pixels) // SAMPLE)].astype(np.float32)
    colors = np.unique(sample, axis=0)
    if len(colors) > COLORS:
        criteria = (cv2.TERM_CRITERIA_MAX_ITER, 5, 0)
        _, _, colors = cv2.kmeans(sample, COLORS, None, criteria, 1, cv2.KMEANS_PP_CENTERS)
    steps = (np.arange(1 << BIN_BITS) + 0.5) * (256 >> BIN_BITS)
    bins = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3).astype(np.float32)
    nearest = np.argmin((colors**2).sum(axis=1) - 2 * bins @ colors.T, axis=1)
    b, g, r = (pixels[:, channel].astype(int) >> 8 - BIN_BITS for channel in range(3))
    numbers = nearest[(b << 2 * BIN_BITS) | (g << BIN_BITS) | r]
    return numbers.reshape(picture.shape[:2]), colors
