"""Whether a model still learns, by its loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dfl_cli.store.loss_history import last_rows
from dfl_cli.store.saved_model import SavedModel

LAST_PART = 1 / 3  # of the training: long enough to average out the noise, short enough to be the present
FEWEST, MOST = 200, 20_000  # iterations of that part
BLOCKS = 20  # over whose means a line is laid
CLEAR = 3.0  # slope in its standard errors: noise alone reaches that in 1 of 250 trainings
EVEN = 0.25  # of the whole slope that each half has; a step, as from a changed option, is flat in one half
ADVERSARIAL = ("gan_power", "true_face_power")  # options whose losses rise and fall with their opponents


class LossCurve(NamedTuple):
    """iterations (L,), rising; losses (L,) mean of both sides."""

    iterations: np.ndarray
    losses: np.ndarray


def fall_of(saved: SavedModel) -> float | None:
    """See `fall`; None where the loss cannot show it."""
    if is_adversarial(saved.options):
        return None
    curve = read_curve(saved)
    return curve and fall(curve)


def is_adversarial(options: Mapping) -> bool:
    return any(options.get(key) for key in ADVERSARIAL)


def read_curve(saved: SavedModel) -> LossCurve | None:
    """Of the last part of the training, up to the iteration that was saved; None without readable losses."""
    rows = last_rows(saved.model_dir.folder / "loss.csv")
    if rows is None:
        return None
    span = min(max(saved.iteration * LAST_PART, FEWEST), MOST)
    rows = rows[(rows[:, 0] <= saved.iteration) & (rows[:, 0] > saved.iteration - span)]
    return LossCurve(rows[:, 0], rows[:, 2:].mean(axis=1))


def fall(curve: LossCurve) -> float | None:
    """By which part the loss falls in 1,000 iterations, 0..1; None where it does not clearly fall all the time."""
    if len(curve.losses) < FEWEST or not np.isfinite(curve.losses).all():
        return None
    blocks = np.array_split(np.arange(len(curve.losses)), BLOCKS)
    at = np.array([curve.iterations[one].mean() for one in blocks])
    levels = np.log(np.maximum([curve.losses[one].mean() for one in blocks], 1e-9))
    slope, error = line(at, levels)
    halves = [line(at[half], levels[half])[0] for half in (slice(None, BLOCKS // 2), slice(BLOCKS // 2, None))]
    if slope > -CLEAR * error or slope >= 0 or max(halves) > EVEN * slope:
        return None
    return float(1 - np.exp(1000 * slope))


def line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """The slope of the line that fits best, and its standard error."""
    x, y = x - x.mean(), y - y.mean()
    slope = (x * y).sum() / (x**2).sum()
    residual = ((y - slope * x) ** 2).sum() / (len(x) - 2)
    return float(slope), float(np.sqrt(residual / (x**2).sum()))
