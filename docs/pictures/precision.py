"""Draw the curves of docs/performance.md: quality of trainings in several precisions, of faces they never saw.

python benchmarks/precision_quality.py ... --output curves.json
python benchmarks/gpu_precision.py ... --output OUT
python docs/pictures/precision.py [--processor curves.json] [--gpu OUT/gpu_precision.json]
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np

WIDTH, HEIGHT, MARGIN = 460, 300, 45  # of a panel, pixels
COLORS = {"float32": (190, 110, 40), "bfloat16": (40, 90, 200)}  # BGR
BLACK, GRAY = (0, 0, 0), (210, 210, 210)
SIDES = ("src", "dst")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processor", type=Path)
    parser.add_argument("--gpu", type=Path)
    args = parser.parse_args()
    rows = []
    if args.processor:
        rows.append(panels("processor, TensorFlow", of_processor(json.loads(args.processor.read_text()))))
    if args.gpu:
        found = json.loads(args.gpu.read_text())
        rows.append(panels(" ".join(found["device"].split()[1:4]) + ", JAX", of_gpu(found["quality"])))
    cv2.imwrite(str(Path(__file__).with_suffix(".png")), np.vstack(rows))


def of_processor(curves: Mapping) -> Iterator[tuple[str, int, int, dict]]:
    """(precision, seed, iteration, PSNR by side) of each point."""
    for name, points in curves.items():
        _, precision, seed = name.split()
        for point in points:
            yield precision, int(seed), point["iteration"], {side: point[f"psnr_{side}"] for side in SIDES}


def of_gpu(points: list[dict]) -> Iterator[tuple[str, int, int, dict]]:
    for point in points:
        yield point["precision"], point["seed"], point["iteration"], {side: point[side]["psnr"] for side in SIDES}


def panels(title: str, points: Iterator) -> np.ndarray:
    """One for each side: a line for each training, those of a seed alike but for their color."""
    points = list(points)
    canvas = np.full((HEIGHT, 2 * WIDTH, 3), 255, np.uint8)
    last = max(iteration for _, _, iteration, _ in points)
    values = [value for *_, found in points for value in found.values()]
    low, high = np.floor(min(values)), np.ceil(max(values))

    def place(left: int, iteration: float, value: float) -> tuple[int, int]:
        across = (WIDTH - 1.5 * MARGIN) * iteration / last
        up = (HEIGHT - 2 * MARGIN) * (value - low) / (high - low)
        return round(left + MARGIN + across), round(HEIGHT - MARGIN - up)

    for left, side in zip((0, WIDTH), SIDES, strict=True):
        text(canvas, f"{side}: PSNR in dB by iteration, {title}", left + MARGIN, 20)
        for value in np.arange(low, high + 1, 2):
            cv2.line(canvas, place(left, 0, value), place(left, last, value), GRAY, 1)
            text(canvas, f"{value:g}", left + 12, place(left, 0, value)[1] + 4)
        for iteration in range(0, last + 1, 400):
            text(canvas, str(iteration), place(left, iteration, low)[0] - 12, HEIGHT - MARGIN + 20)
        for number, (precision, color) in enumerate(COLORS.items()):
            text(canvas, precision, left + WIDTH - 200 + 90 * number, HEIGHT - MARGIN - 8, color)
            for seed in sorted({seed for _, seed, *_ in points}):
                line = [
                    place(left, iteration, found[side])
                    for kind, own, iteration, found in points
                    if (kind, own) == (precision, seed)
                ]
                if line:
                    cv2.polylines(canvas, [np.array(line, np.int32)], False, color, 1, cv2.LINE_AA)
    return canvas


def text(canvas: np.ndarray, words: str, left: int, bottom: int, color: tuple = BLACK) -> None:
    cv2.putText(canvas, words, (left, bottom), cv2.FONT_HERSHEY_SIMPLEX, 0.4, color, 1, cv2.LINE_AA)


if __name__ == "__main__":
    main()
