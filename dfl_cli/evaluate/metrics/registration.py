"""Where the swap lies, in pixels of the network."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dfl_cli.evaluate.metrics.score import Pair, Score, finite
from samplers.geometry.align import umeyama
from samplers.geometry.displacement import Displacement

WITHOUT_JAW = slice(17, 68)


def registration(sides: Mapping[str, Displacement | None]) -> Score:
    """How far the worse side's self-reconstruction lies from where its face is. sides: src and dst."""
    far = [float(np.hypot(*one.shift)) for one in sides.values() if one]
    return Score(finite(max(far, default=None)), 0.0, None, False, "px")


def between_landmarks(pair: Pair) -> Displacement:
    """How the swap's landmarks lie beside dst's, both (N, 68, 2) pixels. Another person's shape is part of it, but for the spread."""
    found = np.array([fitted(*one) for one in zip(*pair, strict=True)])
    shifts, scales, turns = found[:, :2], found[:, 2], found[:, 3]
    shift, spread = np.median(shifts, axis=0), shifts.std(axis=0)
    return Displacement(
        tuple(shift.tolist()), tuple(spread.tolist()), float(np.median(scales)), float(np.median(turns)), len(found)
    )


def fitted(shown: np.ndarray, truth: np.ndarray) -> tuple[float, float, float, float]:
    """Shift to the right and down in pixels, scale, and turn in degrees clockwise, without the line of the jaw."""
    shown, truth = (np.float64(points[WITHOUT_JAW]) for points in (shown, truth))
    matrix = umeyama(truth, shown)
    x, y = shown.mean(axis=0) - truth.mean(axis=0)
    if not np.isfinite(matrix).all():
        return x, y, 1.0, 0.0
    return x, y, np.hypot(*matrix[:2, 0]), np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))
