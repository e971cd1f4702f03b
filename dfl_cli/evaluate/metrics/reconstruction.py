"""How well each person is painted through the own path."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dfl_cli.evaluate.metrics.image_quality import psnr, ssim
from dfl_cli.evaluate.metrics.score import Score, finite, mean, shuffles

HIGHEST_PSNR = 100.0  # dB, for equal pictures
LEAST_MASK = 1e-3  # mean of a mask that counts
MEASURES = (("psnr", psnr, "dB", None), ("ssim", ssim, "", 1.0))  # name, function, unit, floor


class Reconstructed(NamedTuple):
    """painted, truth (N, R, R, 3) 0..1; mask (N, R, R, 1) 0..1 of the truth."""

    painted: np.ndarray
    truth: np.ndarray
    mask: np.ndarray


def scores(sides: Mapping[str, Reconstructed]) -> dict[str, Score]:
    """psnr and ssim inside the mask for each side, and the mean of the sides. Chance: another frame's picture."""
    found: dict[str, Score] = {}
    for name, measure, unit, floor in MEASURES:
        each = {side: one_side(pictures, measure) for side, pictures in sides.items()}
        value, chance = (mean([pair[which] for pair in each.values()]) for which in range(2))
        found[name] = Score(finite(value), floor, finite(chance), True, unit)
        found |= {
            f"{name}_{side}": Score(finite(value), floor, finite(chance), True, unit)
            for side, (value, chance, _) in each.items()
        }
    return found


def one_side(pictures: Reconstructed, measure: Callable) -> tuple[float, float, list[float]]:
    """The mean over the faces, by chance, and that of each face as `compared` gives it."""
    painted, truth, mask = pictures
    chance = [compared(painted[order], truth, mask, measure) for order in shuffles(len(truth))[:1]]
    each = compared(painted, truth, mask, measure)
    return mean(each), mean(np.ravel(chance)), each


def compared(painted: Sequence, truth: Sequence, mask: Sequence, measure: Callable) -> list[float]:
    """One for each face, nan where it has no mask."""
    faces = zip(painted, truth, mask, strict=True)
    return [min(measure(*face), HIGHEST_PSNR) if face[2].mean() > LEAST_MASK else np.nan for face in faces]
