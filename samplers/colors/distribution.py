"""Color transfers that match the whole distribution of colors: idt, sot, mix (facesets.md 4).

Pictures are float32 BGR (H, W, 3) 0..1. The random numbers come from `rng`, a RandomState: the same state gives the
reference's result.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from samplers.colors.linear import lct

IDT_ROTATIONS = 20
IDT_RELAXATION = np.float32(1 / IDT_ROTATIONS)
IDT_BINS = 256
SMALLEST_SPAN = 1e-4  # of levels along an axis; less cannot be cut into bins, and nobody sees it
SOT_STEPS = 10
SOT_DIRECTIONS = 5
SOT_SIGMA_SPACE, SOT_SIGMA_COLOR = 16, 5


def idt(image: np.ndarray, reference: np.ndarray, *, rng: np.random.RandomState) -> np.ndarray:
    """Iterative distribution transfer (Pitie et al., 2007): histograms matched along random axes; 0..1.

    Everything stays float32, as the reference computes; float64 moves pictures with black surroundings by 0.005.
    """
    colors, lent = (each.reshape(-1, each.shape[-1]).T for each in (image, reference))
    for _ in range(IDT_ROTATIONS):
        rotation = random_rotation(rng).astype(image.dtype)
        turned, lent_turned = rotation @ colors, rotation @ lent
        matched = np.stack([_matched(*axis) for axis in zip(turned, lent_turned, strict=True)]).astype(image.dtype)
        colors = IDT_RELAXATION * np.linalg.solve(rotation, matched - turned) + colors
    return np.clip(np.ascontiguousarray(colors.T).reshape(image.shape), 0, 1).astype(image.dtype)


def _matched(values: np.ndarray, lent: np.ndarray) -> np.ndarray:
    """`values` moved so that their histogram is that of `lent`: (N,) float64.

    What lies in the lowest bin goes to 0, as in the reference.
    """
    span = min(values.min(), lent.min()), max(values.max(), lent.max())
    if span[1] - span[0] < SMALLEST_SPAN:
        return values
    edges = np.linspace(*span, IDT_BINS + 1, dtype=values.dtype)
    bins = _bins(values, edges)
    share, lent_share = (_shares(np.bincount(each, minlength=IDT_BINS)) for each in (bins, _bins(lent, edges)))
    starts = edges.astype(np.float64)
    moved_edges = np.interp(share, lent_share, edges[1:])
    slopes, floors = np.zeros(IDT_BINS), np.zeros(IDT_BINS)
    slopes[1:] = (moved_edges[1:] - moved_edges[:-1]) / (starts[2:] - starts[1:-1])
    floors[1:] = moved_edges[:-1]
    return slopes[bins] * (values - starts[bins]) + floors[bins]


def _bins(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The bin of each value between even `edges`, as np.histogram counts: a value on an edge is in the bin above."""
    last = len(edges) - 2
    bins = np.minimum(((values - edges[0]) * ((last + 1) / (edges[-1] - edges[0]))).astype(np.intp), last)
    bins -= values < edges[bins]
    bins += (values >= edges[bins + 1]) & (bins != last)
    return bins


def _shares(counts: np.ndarray) -> np.ndarray:
    sums = counts.cumsum().astype(np.float32)
    sums /= sums[-1]
    return sums


def random_rotation(rng: np.random.RandomState) -> np.ndarray:
    """A uniformly drawn (3, 3) rotation: the orthogonal factor of nine normal numbers, as SciPy from 1.16 on."""
    orthogonal, triangular = np.linalg.qr(rng.normal(size=(3, 3)))
    orthogonal *= np.sign(np.diag(triangular))
    orthogonal[0] /= np.linalg.det(orthogonal)
    return orthogonal


def sot(
    image: np.ndarray, reference: np.ndarray, *, rng: np.random.RandomState, directions: int = SOT_DIRECTIONS
) -> np.ndarray:
    """Sliced optimal transport (Rabin et al., 2012): sorted projections moved onto each other; not clipped.

    directions  random ones in each of 10 steps
    raises      ValueError for pictures of different shapes
    """
    if image.ndim != 3 or image.shape != reference.shape:
        raise ValueError(f"pictures of one shape expected, got {image.shape} and {reference.shape}")
    change = sot_moved(image, reference, rng=rng, directions=directions) - image
    return image + cv2.bilateralFilter(change, 0, SOT_SIGMA_COLOR, SOT_SIGMA_SPACE)


def sot_moved(
    image: np.ndarray, reference: np.ndarray, *, rng: np.random.RandomState, directions: int = SOT_DIRECTIONS
) -> np.ndarray:
    """`sot` before its change is smoothed: each pixel for itself."""
    colors, lent = (np.ascontiguousarray(each.reshape(-1, each.shape[-1]).T) for each in (image, reference))
    for _ in range(SOT_STEPS):
        colors = colors + _advection(colors, lent, rng, directions=directions) / np.float32(directions)
    return np.ascontiguousarray(colors.T).reshape(image.shape)


def _advection(colors: np.ndarray, lent: np.ndarray, rng: np.random.RandomState, *, directions: int) -> np.ndarray:
    """The sum over random directions of the moves that bring each pixel to the one of its rank in `lent`: (C, N)."""
    advection = np.zeros_like(colors)
    move = np.empty_like(colors[0])
    for _ in range(directions):
        direction = rng.normal(size=len(colors)).astype(colors.dtype)
        direction /= np.linalg.norm(direction)
        projected, lent_projected = _projected(colors, direction), _projected(lent, direction)
        order = projected.argsort()
        move[order] = np.sort(lent_projected) - projected[order]
        for channel, share in zip(advection, direction, strict=True):
            channel += move * share
    return advection


def _projected(colors: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """(N,), summed channel after channel as the reference does."""
    return sum(channel * share for channel, share in zip(colors, direction, strict=True))


def mix(image: np.ndarray, reference: np.ndarray, *, rng: np.random.RandomState) -> np.ndarray:
    """Lightness by lct, color by sot, both on 8-bit pictures; 0..1."""
    return mix_by(sot, image, reference, rng=rng)


def mix_by(
    color: Callable[..., np.ndarray], image: np.ndarray, reference: np.ndarray, *, rng: np.random.RandomState
) -> np.ndarray:
    """`mix` with another form of `sot` for the color."""
    labs = [cv2.cvtColor(_bytes(each * 255), cv2.COLOR_BGR2LAB) for each in (image, reference)]
    planes = [lab[..., :1].astype(np.float32) / 255 for lab in labs]
    light = _bytes(lct(*planes) * 255)[..., 0]
    for lab in labs:
        lab[..., 0] = 100
    flat, lent = (cv2.cvtColor(lab, cv2.COLOR_LAB2BGR).astype(np.float32) for lab in labs)
    colored = cv2.cvtColor(_bytes(color(flat, lent, rng=rng)), cv2.COLOR_BGR2LAB)
    colored[..., 0] = light
    return cv2.cvtColor(colored, cv2.COLOR_LAB2BGR).astype(np.float32) / 255


def _bytes(levels: np.ndarray) -> np.ndarray:
    return np.clip(levels, 0, 255).astype(np.uint8)
