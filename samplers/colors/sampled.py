"""idt, sot and mix found on every n-th pixel of every n-th row, applied to all: fast forms of the exact ones.

Pictures are float32 BGR (H, W, 3) 0..1. The random numbers are those the exact forms draw.
"""

from __future__ import annotations

import cv2
import numpy as np

from samplers.colors.distribution import (
    IDT_BINS,
    IDT_RELAXATION,
    IDT_ROTATIONS,
    SMALLEST_SPAN,
    SOT_DIRECTIONS,
    SOT_SIGMA_COLOR,
    SOT_SIGMA_SPACE,
    SOT_STEPS,
    mix_by,
)

SAMPLED_SIDE = 32  # pixels; 1024 colors tell the distribution of a face
FINER_SIDE = 64  # where results are looked at, not learned from: a level off at most, 0.2 in the mean
RANKS = 65535  # steps a projection is sorted by: 16-bit numbers are sorted by digits, six times as fast as floats
LEAST_SHARE = 1e-5  # of the largest singular value; below, colors do not vary in that direction


def sampled(image: np.ndarray, side: int = SAMPLED_SIDE) -> np.ndarray:
    """`image` reduced to every n-th pixel, to `side` pixels or a little more."""
    step = max(1, min(image.shape[:2]) // side)
    return np.ascontiguousarray(image[step // 2 :: step, step // 2 :: step])


def sampled_sot(
    image: np.ndarray, lent: np.ndarray, *, rng: np.random.RandomState, directions: int = SOT_DIRECTIONS
) -> np.ndarray:
    """As `sot`; `lent` is the reference, sampled to any side. The exact form blurs its change, so that few pixels tell it too."""
    few = sampled(image, min(lent.shape[:2]))
    change = _transported(_columns(few), _columns(lent), rng, directions=directions)
    change = np.ascontiguousarray(change.T).reshape(few.shape)
    scale = len(few) / len(image)
    change = cv2.bilateralFilter(change, 0, SOT_SIGMA_COLOR, SOT_SIGMA_SPACE * scale)
    return image + _enlarged(change, image)


def finely_sampled_sot(
    image: np.ndarray, reference: np.ndarray, *, rng: np.random.RandomState, directions: int = SOT_DIRECTIONS
) -> np.ndarray:
    """As `sot`, for pictures that are looked at."""
    return sampled_sot(image, sampled(reference, FINER_SIDE), rng=rng, directions=directions)


def finely_sampled_mix(image: np.ndarray, reference: np.ndarray, *, rng: np.random.RandomState) -> np.ndarray:
    """As `mix`, for pictures that are looked at."""
    return mix_by(finely_sampled_sot, image, reference, rng=rng)


def _transported(colors: np.ndarray, lent: np.ndarray, rng: np.random.RandomState, *, directions: int) -> np.ndarray:
    """How sliced optimal transport changes `colors` (3, N) towards `lent` (3, N): all directions of a step at once."""
    moved = colors
    for _ in range(SOT_STEPS):
        axes = rng.normal(size=(directions, 3)).astype(np.float32)
        axes /= np.linalg.norm(axes, axis=1, keepdims=True)
        projected, wanted = axes @ moved, axes @ lent
        wanted.sort(axis=1)
        order = _order(projected)
        moves = np.empty_like(projected)
        np.put_along_axis(moves, order, wanted - np.take_along_axis(projected, order, 1), 1)
        moved = moved + axes.T @ moves / np.float32(directions)
    return moved - colors


def _order(rows: np.ndarray) -> np.ndarray:
    """What sorts each of `rows` (D, N) to the 65536th part of its range."""
    lowest = rows.min(1, keepdims=True)
    scale = RANKS / np.maximum(rows.max(1, keepdims=True) - lowest, SMALLEST_SPAN)
    return ((rows - lowest) * scale).astype(np.uint16).argsort(axis=1, kind="stable")


def sampled_idt(image: np.ndarray, lent: np.ndarray, *, rng: np.random.RandomState) -> np.ndarray:
    """As `idt`, not clipped; `lent` is the sampled reference.

    The change of all pixels: a quadratic function of the color, and what it leaves over, interpolated between neighbors.
    """
    few = sampled(image)
    colors = _columns(few)
    change = _matched_colors(colors, _columns(lent), rng) - colors
    terms = _quadratic(colors)
    weights = np.linalg.lstsq(terms.T, change.T, rcond=LEAST_SHARE)[0].T
    rest = np.ascontiguousarray((change - weights @ terms).T).reshape(few.shape)
    everywhere = np.ascontiguousarray((weights @ _quadratic(_columns(image))).T).reshape(image.shape)
    return image + everywhere + _enlarged(rest, image)


def _enlarged(change: np.ndarray, image: np.ndarray) -> np.ndarray:
    return cv2.resize(change, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def _columns(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image.reshape(-1, 3).T)


def _quadratic(colors: np.ndarray) -> np.ndarray:
    """(10, N): 1, each channel, and each product of two."""
    b, g, r = colors
    return np.stack([np.ones_like(b), b, g, r, b * b, g * g, r * r, b * g, b * r, g * r])


def _matched_colors(colors: np.ndarray, lent: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """`colors` (3, N) after idt with `lent` (3, M), all three axes at once."""
    count = colors.shape[1]
    both = np.concatenate([colors, lent], axis=1)
    offsets = IDT_BINS * np.arange(3)[:, None]
    for rotation in _rotations(rng):
        turned = rotation @ both
        scale = IDT_BINS / np.maximum(np.ptp(turned, axis=1, keepdims=True), SMALLEST_SPAN)
        places = (turned - turned.min(1, keepdims=True)) * scale  # in bins
        bins = np.minimum(places.astype(np.intp), IDT_BINS - 1)
        ends = _moved_ends(bins[:, :count] + offsets, bins[:, count:] + offsets)
        starts = np.concatenate([np.zeros((3, 1), np.float32), ends[:, :-1]], axis=1)
        at, own = bins[:, :count] + offsets, places[:, :count]
        moved = starts.ravel()[at] + (ends - starts).ravel()[at] * (own - bins[:, :count])
        both[:, :count] += IDT_RELAXATION * (rotation.T @ ((moved - own) / scale).astype(np.float32))
    return both[:, :count]


def _moved_ends(bins: np.ndarray, lent_bins: np.ndarray) -> np.ndarray:
    """(3, IDT_BINS) float32: where the upper end of each bin goes, in bins."""
    shares, lent_shares = (
        np.bincount(each.ravel(), minlength=3 * IDT_BINS).reshape(3, -1).cumsum(1) / each.shape[1]
        for each in (bins, lent_bins)
    )
    ends = np.arange(1, IDT_BINS + 1)
    moved = [np.interp(share, lent_share, ends) for share, lent_share in zip(shares, lent_shares, strict=True)]
    return np.array(moved, np.float32)


def _rotations(rng: np.random.RandomState) -> np.ndarray:
    """(20, 3, 3) float32: those that as many calls of `random_rotation` draw, at once."""
    orthogonal, triangular = np.linalg.qr(rng.normal(size=(IDT_ROTATIONS, 3, 3)))
    orthogonal *= np.sign(np.diagonal(triangular, axis1=1, axis2=2))[:, None]
    orthogonal[:, 0] /= np.linalg.det(orthogonal)[:, None]
    return orthogonal.astype(np.float32)
