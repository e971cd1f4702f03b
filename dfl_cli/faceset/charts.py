"""Charts drawn with OpenCV: bars and tables of counts, side by side in one picture. Texts in ASCII, the font has no more."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.faceset.degrees import signed
from samplers.files.atomic_file import write_atomically

INK, FAINT, BAR = (40, 40, 40), (215, 215, 215), (180, 120, 40)
MARGIN, CELL, TITLE = 56, 26, 34  # pixels
FONT, TEXT = cv2.FONT_HERSHEY_SIMPLEX, 0.4


def canvas(height: int, width: int, title: str) -> np.ndarray:
    (wide, _), _ = cv2.getTextSize(title, FONT, 0.5, 1)
    picture = np.full((height, max(width, 2 * MARGIN + wide), 3), 255, np.uint8)
    write(picture, title, (MARGIN, 20), scale=0.5)
    return picture


def write(picture: np.ndarray, text: str, at: tuple[int, int], *, scale: float = TEXT, color=INK) -> None:
    cv2.putText(picture, text, at, FONT, scale, color, 1, cv2.LINE_AA)


def bars(counts: Sequence[int], edges: Sequence[float], title: str) -> np.ndarray:
    """A histogram: `counts` (N,) between `edges` (N + 1,)."""
    tall, wide = 10 * CELL, len(counts) * CELL
    picture = canvas(TITLE + tall + MARGIN, 2 * MARGIN + wide, title)
    floor, most = TITLE + tall, max(max(counts, default=0), 1)
    for number, count in enumerate(counts):
        left = MARGIN + number * CELL
        top = floor - round((tall - 16) * count / most)
        if count:
            cv2.rectangle(picture, (left + 1, top), (left + CELL - 2, floor), BAR, -1)
            write(picture, str(count), (left + 1, top - 4), scale=0.33)
    mark_columns(picture, edges, floor)
    return picture


def table(counts: np.ndarray, columns: Sequence[float], rows: Sequence[float], *, title: str, color=BAR) -> np.ndarray:
    """Counts (R, C) as squares, the more the darker, row 0 at the bottom; `columns` and `rows` are the edges."""
    tall, wide = CELL * counts.shape[0], CELL * counts.shape[1]
    picture = canvas(TITLE + tall + MARGIN, 2 * MARGIN + wide, title)
    most = np.log1p(max(counts.max(initial=0), 1))
    for (row, column), count in np.ndenumerate(counts):
        left, top = MARGIN + column * CELL, TITLE + tall - (row + 1) * CELL
        cv2.rectangle(picture, (left, top), (left + CELL, top + CELL), FAINT, 1)
        if count:
            strength = 0.25 + 0.75 * np.log1p(count) / most
            shade = tuple(255 - strength * (255 - part) for part in color)
            cv2.rectangle(picture, (left + 1, top + 1), (left + CELL - 1, top + CELL - 1), shade, -1)
            write(
                picture,
                short(int(count)),
                (left + 2, top + 17),
                scale=0.33,
                color=(255,) * 3 if strength > 0.7 else INK,
            )
    mark_columns(picture, columns, TITLE + tall)
    for number, edge in enumerate(rows):
        write(picture, signed(edge), (MARGIN - 36, TITLE + tall - number * CELL + 4))
    return picture


def short(count: int) -> str:
    return str(count) if count < 1000 else f"{count / 1000:.0f}k"


def mark_columns(picture: np.ndarray, edges: Sequence[float], floor: int) -> None:
    whole = all(float(edge).is_integer() for edge in edges)
    for number, edge in enumerate(edges):
        x = MARGIN + number * CELL
        cv2.line(picture, (x, floor), (x, floor + 3), INK, 1)
        if number % 2 == 0:
            write(picture, signed(edge) if whole else f"{edge:.1f}", (x - 12, floor + 16))


def beside(charts: Sequence[np.ndarray]) -> np.ndarray:
    """Charts in a row, white where one is lower."""
    tall = max(len(chart) for chart in charts)
    return np.hstack([grown(chart, tall, chart.shape[1]) for chart in charts])


def below(charts: Sequence[np.ndarray]) -> np.ndarray:
    wide = max(chart.shape[1] for chart in charts)
    return np.vstack([grown(chart, len(chart), wide) for chart in charts])


def grown(chart: np.ndarray, height: int, width: int) -> np.ndarray:
    bottom, right = height - chart.shape[0], width - chart.shape[1]
    return cv2.copyMakeBorder(chart, 0, bottom, 0, right, cv2.BORDER_CONSTANT, value=(255,) * 3)


def save(path: Path, picture: np.ndarray) -> None:
    """Write a PNG, whatever letters the path has."""
    write_atomically(path, [cv2.imencode(".png", picture)[1].tobytes()])
