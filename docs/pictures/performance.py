"""Draw the pictures of docs/performance.md from the figures of benchmarks/run_all.py; `make bench` does both.

python docs/pictures/performance.py [build/bench.json] [--output FOLDER]
"""

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT = 1000, 520  # pixels of the roofline
PANEL = 400  # side of a panel of growth
MARGIN = 60  # around the axes
COLORS = {"float32": (190, 110, 40), "bfloat16": (40, 90, 200)}  # BGR
GRAY, BLACK = (200, 200, 200), (0, 0, 0)
BYTES = {"float32": 4, "bfloat16": 2}  # of a number
TITLES = {
    "resolution": "ms by resolution", "dims": "ms by e_dims, d_dims", "batch_size": "ms by batch size",
    "faces": "s to the first batch by faces",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", type=Path, nargs="?", default=ROOT / "build" / "bench.json")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    args = parser.parse_args()
    found = json.loads(args.figures.read_text(encoding="utf-8"))
    cv2.imwrite(str(args.output / "performance_roofline.png"), roofline(found))
    cv2.imwrite(str(args.output / "performance_growth.png"), growth(found))


class Axes:
    """Logarithmic axes in a part of a canvas."""

    def __init__(self, canvas: np.ndarray, left: int, size: tuple[int, int], x: tuple, y: tuple):
        self.canvas, self.left, self.size, self.x, self.y = canvas, left, size, x, y
        for value in ticks(*x):
            column = self.at(value, y[0])[0]
            cv2.line(canvas, (column, MARGIN), (column, size[1] - MARGIN), GRAY, 1)
            text(canvas, label(value), column - 12, size[1] - MARGIN + 20)
        for value in ticks(*y):
            row = self.at(x[0], value)[1]
            cv2.line(canvas, (left + MARGIN, row), (left + size[0] - MARGIN // 2, row), GRAY, 1)
            text(canvas, label(value), left + 8, row + 4)

    def at(self, x: float, y: float) -> tuple[int, int]:
        width, height = self.size[0] - 1.5 * MARGIN, self.size[1] - 2 * MARGIN
        across = math.log(x / self.x[0]) / math.log(self.x[1] / self.x[0])
        up = math.log(y / self.y[0]) / math.log(self.y[1] / self.y[0])
        return round(self.left + MARGIN + across * width), round(self.size[1] - MARGIN - up * height)

    def path(self, points: Sequence[tuple[float, float]], color: tuple, *, dots: bool = True) -> None:
        places = [self.at(*point) for point in points]
        cv2.polylines(self.canvas, [np.array(places, np.int32)], False, color, 2, cv2.LINE_AA)
        for place in places if dots else ():
            cv2.circle(self.canvas, place, 4, color, cv2.FILLED, cv2.LINE_AA)


def roofline(found: Mapping) -> np.ndarray:
    """Each step by its operations for a byte and those it reaches in a second, below what device and memory allow."""
    canvas = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    steps, memory = found["steps"], found["gigabytes_per_second"]
    tops = {kind: max(one[kind]["ceiling_gflops"] for one in steps.values()) for kind in COLORS}
    reached = [one[kind]["achieved_gflops"] for one in steps.values() for kind in COLORS]
    x, y = (5.0, 2000.0), (min(reached) / 3, 2 * max(tops.values()))
    axes = Axes(canvas, 0, (WIDTH, HEIGHT), x, y)
    text(canvas, "GFLOP/s by operations for a byte of memory, of convolutions and products", MARGIN, 25)
    for index, (kind, top) in enumerate(tops.items()):
        corner = top / memory  # operations for a byte from which on memory is quick enough
        begin = max(x[0], y[0] / memory)
        axes.path([(begin, begin * memory), (corner, top), (x[1], top)], COLORS[kind], dots=False)
        text(canvas, f"{kind}: {top:.0f} GFLOP/s, {memory:.0f} GB/s", MARGIN + 300 * index, 48, COLORS[kind])
        for number, one in enumerate(steps.values(), start=1):
            place = axes.at(one["operations_per_number"] / BYTES[kind], one[kind]["achieved_gflops"])
            cv2.circle(canvas, place, 5, COLORS[kind], cv2.FILLED, cv2.LINE_AA)
            text(canvas, str(number), place[0] + 8, place[1] + 5, COLORS[kind])
    for number, name in enumerate(steps, start=1):
        text(canvas, f"{number} {name}", MARGIN + 190, HEIGHT - MARGIN - 18 * (len(steps) - number) - 10)
    return canvas


def growth(found: Mapping) -> np.ndarray:
    """Milliseconds of a step by what grows, and seconds to the first batch by the size of a face set."""
    series = {
        thing: {"float32": [(point["value"], point["ms"]) for point in points]}
        for thing, points in found["growth"].items()
    }
    series["faces"] = {
        "without an index": [(point["faces"], point["first_seconds"]) for point in found["faces"]],
        "with one": [(point["faces"], point["again_seconds"]) for point in found["faces"]],
    }
    canvas = np.full((PANEL, PANEL * len(series), 3), 255, np.uint8)
    for number, (thing, lines) in enumerate(series.items()):
        xs, ys = zip(*(point for points in lines.values() for point in points), strict=True)
        axes = Axes(canvas, PANEL * number, (PANEL, PANEL), around(xs), around(ys))
        text(canvas, TITLES[thing], PANEL * number + MARGIN, 25)
        for (name, points), color in zip(lines.items(), COLORS.values(), strict=False):
            axes.path(points, color)
            text(canvas, name, PANEL * number + MARGIN + (0 if color == COLORS["float32"] else 150), 45, color)
    return canvas


def around(values: Sequence[float]) -> tuple[float, float]:
    return min(values) / 1.4, max(values) * 1.4


def ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 of each power of ten, or the powers alone where they are many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if high / low < 200 else (1,)
    return [step * 10.0**power for power in powers for step in steps if low <= step * 10.0**power <= high]


def label(value: float) -> str:
    return f"{value:g}" if value < 10_000 else f"{value / 1000:g}k"


def text(canvas: np.ndarray, words: str, left: int, bottom: int, color: tuple = BLACK) -> None:
    cv2.putText(canvas, words, (left, bottom), cv2.FONT_HERSHEY_SIMPLEX, 0.45, color, 1, cv2.LINE_AA)


if __name__ == "__main__":
    main()
