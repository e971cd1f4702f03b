"""Every score of an evaluation as a function of the frames that it is computed from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from dfl_cli.evaluate.compare.resampling import Samples
from dfl_cli.evaluate.metrics import expression, pose, reconstruction
from dfl_cli.evaluate.metrics.flicker import LEVELS, change
from dfl_cli.evaluate.metrics.score import Score, correlations
from dfl_cli.evaluate.metrics.temporal import pairs, spread_out
from dfl_cli.evaluate.scoring import Material, mean_colors
from dfl_cli.evaluate.swapping import RECONSTRUCTED
from samplers.pose_coverage import evenly

Statistic = Callable[[Samples], np.ndarray]  # (D,) the score of each sample, nan where it does not have it
MEDIANS = {"seam", "sharpness"}  # scores that are the median of what single frames have; others with such are the mean


def statistics(scores: Mapping[str, Score], material: Material) -> dict[str, Statistic]:
    """By the names of the scores. Those that need all frames, where the pictures lie and by how much they lag, have none."""
    found = {name: of_frames(name, one.per_frame) for name, one in scores.items() if one.per_frame is not None}
    found |= {**movements(material), "flicker": flickering(material), **reconstructions(material)}
    return {name: found[name] for name in scores if name in found}


def of_frames(name: str, per_frame: np.ndarray) -> Statistic:
    typical = middles if name in MEDIANS else means
    return lambda samples: typical(per_frame[samples.frames])


def means(values: np.ndarray) -> np.ndarray:
    """(D,): of the finite numbers in each row of `values` (D, N)."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    return np.where(count > 0, np.where(known, values, 0).sum(axis=1) / np.maximum(count, 1), np.nan)


def middles(values: np.ndarray) -> np.ndarray:
    """(D,): the same, the medians."""
    found, some = np.full(len(values), np.nan), np.isfinite(values).any(axis=1)
    if some.any():
        found[some] = np.nanmedian(values[some], axis=1)
    return found


def movements(material: Material) -> dict[str, Statistic]:
    """The correlations between swap and dst."""
    swap, dst = material.swap, material.dst
    shapes = [(swap.expression[:, one], dst.expression[:, one]) for one in expression.moving_in(dst.expression)]
    blinks = [tuple(expression.blinking(one.expression) for one in (swap, dst))]
    turns = {
        f"{name}_correlation": alike([(swap.angles[:, axis], dst.angles[:, axis])], pose.LEAST_TURN)
        for axis, name in enumerate(pose.AXES)
    }
    return {
        **turns,
        "expression_correlation": alike(shapes, expression.LEAST_MOVE),
        "blink_correlation": alike(blinks, expression.LEAST_MOVE),
    }


def alike(sequences: list[tuple[np.ndarray, np.ndarray]], least: float) -> Statistic:
    """The mean correlation of pairs (N,), (N,), shown and truth; least: see `correlation`."""

    def statistic(samples: Samples) -> np.ndarray:
        frames = samples.frames
        found = [correlations(shown[frames], truth[frames], least=least) for shown, truth in sequences]
        return means(np.stack(found, axis=1)) if found else np.full(len(frames), np.nan)

    return statistic


def flickering(material: Material) -> Statistic:
    """Of the changes that lead to the frames of a sample."""
    swapped, two = material.swapped, pairs(material.neighbors)
    ours, theirs = (
        spread_out((LEVELS * change(mean_colors(pictures, swapped.mask), two)) ** 2, two[:, 1], len(swapped.swap))
        for pictures in (swapped.swap, swapped.dst)
    )
    return lambda samples: np.sqrt(means(ours[samples.frames])) - np.sqrt(means(theirs[samples.frames]))


def reconstructions(material: Material) -> dict[str, Statistic]:
    """PSNR and SSIM of the self-reconstructions; those of dst belong to some of the frames."""
    count = len(material.neighbors)
    frames = evenly(range(count), RECONSTRUCTED)
    found: dict[str, Statistic] = {}
    for name, measure, *_ in reconstruction.MEASURES:
        src, dst = (np.array(reconstruction.compared(*material.sides[side], measure)) for side in ("src", "dst"))
        found |= both_sides(name, src, spread_out(dst, frames, count))
    return found


def both_sides(name: str, src: np.ndarray, dst: np.ndarray) -> dict[str, Statistic]:
    """src (K,) of the faces of src, dst (N,) of the frames, nan where one was not reconstructed."""

    def of_src(samples: Samples) -> np.ndarray:
        return means(src[samples.src_faces])

    def of_dst(samples: Samples) -> np.ndarray:
        return means(dst[samples.frames])

    def of_both(samples: Samples) -> np.ndarray:
        return means(np.stack([of_src(samples), of_dst(samples)], axis=1))

    return {name: of_both, f"{name}_src": of_src, f"{name}_dst": of_dst}
