"""Draw the bar chart of docs/merging.md from the figures of benchmarks/temporal_stability.py.

python benchmarks/temporal_stability.py SRC_FACES CLIP --json stability.json
python docs/pictures/temporal_stability.py stability.json
"""

import json
import sys
from pathlib import Path

import cv2
import numpy as np

WIDTH, ROW, LEFT, GAP = 420, 20, 170, 40  # pixels
PANELS = {"tremble": 1.2, "change": 0.8}  # figure -> upper end of its axis
COLORS = {
    "off": (150, 150, 150),
    "colors 4": (200, 130, 40),
    "landmarks 3": (60, 150, 60),
    "both": (60, 60, 190),
}  # BGR


def main(figures: dict[str, dict[str, float]]) -> np.ndarray:
    """The chart, uint8 BGR."""
    canvas = np.full((ROW * (len(figures) + 2), LEFT + len(PANELS) * (WIDTH + GAP), 3), 255, np.uint8)
    for panel, (figure, end) in enumerate(PANELS.items()):
        start = LEFT + panel * (WIDTH + GAP)
        text(canvas, figure, start, ROW - 5)
        for row, (name, values) in enumerate(figures.items(), start=1):
            top, value = ROW * row + 4, values[figure]
            color = COLORS[name.partition(", ")[2]]
            cv2.rectangle(canvas, (start, top), (start + round(WIDTH * value / end), top + ROW - 6), color, cv2.FILLED)
            text(canvas, f"{value:.2f}", start + round(WIDTH * value / end) + 5, top + ROW - 9)
            text(canvas, name, 5, top + ROW - 9)
    return canvas


def text(canvas: np.ndarray, words: str, left: int, bottom: int) -> None:
    cv2.putText(canvas, words, (left, bottom), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1, cv2.LINE_AA)


if __name__ == "__main__":
    figures = json.loads(Path(sys.argv[1]).read_text())
    cv2.imwrite(str(Path(__file__).with_suffix(".png")), main(figures))
