"""Two face sets' head directions as one picture."""

from collections.abc import Sequence

import cv2
import numpy as np

from dfl_cli.faceset.charts import MARGIN, below, beside, canvas, table, write
from dfl_cli.faceset.coverage_text import Comparison, difference, too_few
from samplers.pose_coverage import FEW, faces_near

STEP = 5  # degrees of a square
MISSING = (60, 60, 200)


def draw(found: Comparison) -> np.ndarray:
    """Tables of yaw and pitch: src, dst, and dst's faces that src has too few near; below them shape and color."""
    everything = np.concatenate([found.src.degrees, found.dst.degrees])
    columns, rows = edges(everything[:, 0]), edges(everything[:, 1])
    lonely = found.dst.degrees[faces_near(found.dst.degrees, found.src) < FEW]
    tables = [
        table(counts(degrees, columns, rows), columns, rows, title=title, color=color)
        for degrees, title, color in (
            (found.src.degrees, "src: faces by yaw (right +) and pitch (up +)", (180, 120, 40)),
            (found.dst.degrees, "dst: faces", (80, 140, 60)),
            (lonely, f"dst faces with fewer than {FEW} of src near", MISSING),
        )
    ]
    return below([beside(tables), facts_drawn(found)])


def edges(degrees: np.ndarray) -> np.ndarray:
    """Multiples of `STEP` around all of `degrees`."""
    low, high = np.floor(degrees.min() / STEP), np.floor(degrees.max() / STEP) + 1
    return np.arange(low, high + 1) * STEP


def counts(degrees: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return np.histogram2d(degrees[:, 1], degrees[:, 0], bins=(rows, columns))[0].astype(int)


def facts_drawn(found: Comparison) -> np.ndarray:
    lines: Sequence[str] = [
        f"{name.replace('_', ' ')}: src {src:.3f}  dst {dst:.3f}"
        + ("" if too_few(found) else f"  ({difference(src, dst):+.0%})")
        for name, (src, dst) in found.shapes.items()
    ]
    picture = canvas(60 + 20 * len(lines), 760, "proportions and colors")
    for number, line in enumerate(lines):
        write(picture, line, (MARGIN, 44 + 20 * number))
    for number, (name, colors) in enumerate(zip(("src", "dst"), found.colors, strict=True)):
        lab = np.float32(colors.mean).reshape(1, 1, 3)
        shade = tuple(float(part) for part in cv2.cvtColor(lab, cv2.COLOR_LAB2BGR).ravel() * 255)
        left = 440 + 120 * number
        cv2.rectangle(picture, (left, 40), (left + 100, 120), shade, -1)
        write(
            picture,
            f"{name} L {colors.mean[0]:.0f}"
            + (f" ({colors.darkest:.0f}-{colors.lightest:.0f})" if not too_few(found) else ""),
            (left, 136),
            scale=0.33,
        )
    return picture
