"""Color transfers that match mean and spread: rct, lct, mkl (facesets.md 4).

Pictures are float32 BGR (H, W, 3) 0..1; the two may differ in size where no mask is given.
"""

from __future__ import annotations

import cv2
import numpy as np

SMALLEST_SPREAD = 1e-12  # a channel with less is only moved, not stretched
LCT_EPSILON = 1e-5  # added to variances, so that flat pictures can be inverted
FLOAT64_EPSILON = np.finfo(np.float64).eps


def rct(image: np.ndarray, reference: np.ndarray, *, mask: np.ndarray | None = None) -> np.ndarray:
    """Mean and deviation of each Lab channel (Reinhard et al., Color Transfer between Images, 2001); not clipped.

    mask  (H, W, 1) 0..1 of both pictures: pixels below 0.5 are taken as Lab (0, 0, 0) and still counted, as in the
          reference; every pixel is changed
    """
    changed, lent = (cv2.split(cv2.cvtColor(each, cv2.COLOR_BGR2LAB)) for each in (image, reference))
    outside = None if mask is None else mask[..., 0] < 0.5
    channels = [
        _stretched(changed[each], lent[each], outside, lowest=lowest, highest=highest)
        for each, (lowest, highest) in enumerate([(0, 100), (-127, 127), (-127, 127)])
    ]
    return cv2.cvtColor(cv2.merge(channels), cv2.COLOR_LAB2BGR)


def _stretched(changed, lent, outside, *, lowest: float, highest: float) -> np.ndarray:
    counted, counted_lent = _without(changed, outside), _without(lent, outside)
    spread = counted.std()
    moved = changed - counted.mean()
    if spread > SMALLEST_SPREAD:
        moved = moved * counted_lent.std() / spread
    return np.clip(moved + counted_lent.mean(), lowest, highest)


def _without(channel: np.ndarray, outside: np.ndarray | None) -> np.ndarray:
    return channel if outside is None else np.where(outside, np.float32(0), channel)


def lct(image: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Mean and covariance through their symmetric roots; any number of channels, 0..1."""
    mean, lent_mean = image.mean(0).mean(0), reference.mean(0).mean(0)
    pixels = _columns(image - mean)
    root, lent_root = _root(_covariance(pixels)), _root(_covariance(_columns(reference - lent_mean)))
    moved = lent_root.dot(np.linalg.inv(root)).dot(pixels)
    moved = np.clip(moved + lent_mean[:, None], 0, 1).astype(image.dtype)
    return np.ascontiguousarray(moved.T).reshape(image.shape)


def _columns(image: np.ndarray) -> np.ndarray:
    """(H, W, C) as (C, pixels), each channel in one piece of memory: several times faster to sum."""
    return np.ascontiguousarray(image.transpose(2, 0, 1).reshape(image.shape[2], -1))


def _covariance(pixels: np.ndarray) -> np.ndarray:
    return pixels.dot(pixels.T) / pixels.shape[1] + LCT_EPSILON * np.eye(len(pixels))


def _root(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return vectors.dot(np.sqrt(np.diag(values))).dot(vectors.T)


def mkl(image: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """The linear map of least work between the covariances (Pitie and Kokaram, 2007); 0..1."""
    mean, lent_mean = (each.reshape(-1, each.shape[-1]).mean(0) for each in (image, reference))
    pixels = _columns(image - mean)
    turn = _least_work(np.cov(_columns(image.astype(np.float64))), np.cov(_columns(reference.astype(np.float64))))
    moved = (turn.T.dot(pixels) + lent_mean[:, None]).astype(image.dtype)
    return np.clip(np.ascontiguousarray(moved.T).reshape(image.shape), 0, 1)


def _least_work(changed: np.ndarray, lent: np.ndarray) -> np.ndarray:
    """a^-1/2 (a^1/2 b a^1/2)^1/2 a^-1/2 of two covariances, with eigenvalues kept above zero."""
    values, axes = np.linalg.eigh(changed)
    spread = np.diag(np.sqrt(np.maximum(values, FLOAT64_EPSILON)))
    between = spread @ axes.T @ lent @ axes @ spread
    between_values, between_axes = np.linalg.eigh(between)
    root = np.diag(np.sqrt(np.maximum(between_values, FLOAT64_EPSILON)))
    inverse = np.diag(1 / np.diag(spread))
    return axes @ inverse @ between_axes @ root @ between_axes.T @ inverse @ axes.T
