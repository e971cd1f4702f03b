"""Color transfers that match mean and spread: rct, lct, mkl (facesets.md 4).

Pictures are float32 BGR (H, W, 3) 0..1; the two may differ in size where no mask is given. Each transfer is in three
parts, so that training measures a face once and not at every draw: what is measured of the picture to change, what is
measured of the reference, and the change itself.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from samplers.scratch import Scratch

SMALLEST_SPREAD = 1e-12  # a channel with less is only moved, not stretched
LCT_EPSILON = 1e-5  # added to variances, so that flat pictures can be inverted
FLOAT64_EPSILON = np.finfo(np.float64).eps
LAB_RANGES = ((0, 100), (-127, 127), (-127, 127))


class Measured(NamedTuple):
    """A picture that colors are given to, as far as no reference is needed for it."""

    base: np.ndarray  # float32; here the picture minus its mean color: Lab planes (3, H, W) for rct, BGR (H, W, 3) else
    numbers: np.ndarray  # what else `*_recolored` takes of the picture


def rct(image: np.ndarray, reference: np.ndarray, *, mask: np.ndarray | None = None) -> np.ndarray:
    """Mean and deviation of each Lab channel (Reinhard et al., Color Transfer between Images, 2001); not clipped.

    mask  (H, W, 1) 0..1 of both pictures: pixels below 0.5 are taken as Lab (0, 0, 0) and still counted, as in the
          reference; every pixel is changed
    """
    outside = None if mask is None else mask[..., 0] < 0.5
    measured = rct_image_stats(image, outside)
    return rct_apply(measured, rct_reference_stats(reference, outside), Scratch())


def rct_image_stats(image: np.ndarray, outside: np.ndarray | None = None) -> Measured:
    """numbers: (3,) float32 deviations; `outside` (H, W) bool counts as black."""
    planes = cv2.split(cv2.cvtColor(image, cv2.COLOR_BGR2LAB))
    counted = [_without(plane, outside) for plane in planes]
    centered = np.stack([plane - each.mean() for plane, each in zip(planes, counted, strict=True)])
    return Measured(centered, np.array([each.std() for each in counted]))


def rct_reference_stats(reference: np.ndarray, outside: np.ndarray | None = None) -> np.ndarray:
    """(2, 3) float32: means and deviations."""
    counted = [_without(plane, outside) for plane in cv2.split(cv2.cvtColor(reference, cv2.COLOR_BGR2LAB))]
    return np.array([[each.mean() for each in counted], [each.std() for each in counted]])


def rct_apply(measured: Measured, reference_stats: np.ndarray, scratch: Scratch) -> np.ndarray:
    """The picture (H, W, 3) in new colors, in scratch memory."""
    shape = measured.base.shape[1:]
    planes = scratch("lab planes", measured.base.shape)
    for plane, centered, spread, mean, wanted, (lowest, highest) in zip(
        planes, measured.base, measured.numbers, *reference_stats, LAB_RANGES, strict=True
    ):
        if spread > SMALLEST_SPREAD:
            np.multiply(centered, wanted, out=plane)
            plane /= spread
            plane += mean
        else:
            np.add(centered, mean, out=plane)
        np.clip(plane, lowest, highest, out=plane)
    lab = cv2.merge(list(planes), dst=scratch("lab", (*shape, 3)))
    return cv2.cvtColor(lab, cv2.COLOR_LAB2BGR, dst=scratch("recolored", (*shape, 3)))


def _without(channel: np.ndarray, outside: np.ndarray | None) -> np.ndarray:
    return channel if outside is None else np.where(outside, np.float32(0), channel)


def lct(image: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Mean and covariance through their symmetric roots; any number of channels, 0..1."""
    return lct_apply(lct_image_stats(image), lct_reference_stats(reference), Scratch())


def lct_image_stats(image: np.ndarray) -> Measured:
    """numbers: (C, C) float64, which takes the spread out of the picture."""
    centered = image - image.mean(0).mean(0)
    return Measured(centered, np.linalg.inv(_root(_covariance(_columns(centered)))))


def lct_reference_stats(reference: np.ndarray) -> np.ndarray:
    """(C, C + 1) float64: the root of the covariance, and the mean."""
    mean = reference.mean(0).mean(0)
    return np.column_stack([_root(_covariance(_columns(reference - mean))), mean])


def lct_apply(measured: Measured, reference_stats: np.ndarray, scratch: Scratch) -> np.ndarray:
    """The picture in new colors, 0..1, in scratch memory."""
    root, mean = reference_stats[:, :-1], reference_stats[:, -1:]
    return _mapped(measured.base, np.hstack([root.dot(measured.numbers), mean]), scratch)


def _mapped(centered: np.ndarray, matrix: np.ndarray, scratch: Scratch) -> np.ndarray:
    """Each pixel through `matrix` (C, C + 1), computed in float64 as the reference does, 0..1 float32."""
    precise = scratch("precise", centered.shape, np.float64)
    np.copyto(precise, centered)
    mapped = cv2.transform(precise, matrix, dst=scratch("mapped", centered.shape, np.float64)).reshape(centered.shape)
    recolored = scratch("recolored", centered.shape)
    return np.clip(mapped, 0, 1, out=recolored, casting="unsafe")


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
    return mkl_apply(mkl_image_stats(image), mkl_reference_stats(reference), Scratch())


def mkl_image_stats(image: np.ndarray) -> Measured:
    """numbers: (2, 3, 3) float64, into the axes of the picture with their spread, and out of them without it.

    With covariance U V U^T they are V^1/2 U^T and U V^-1/2; V is kept above zero.
    """
    mean = image.reshape(-1, image.shape[-1]).mean(0)
    values, axes = np.linalg.eigh(_mkl_covariance(image))
    spread = np.diag(np.sqrt(np.maximum(values, FLOAT64_EPSILON)))
    return Measured(image - mean, np.stack([spread @ axes.T, axes @ np.diag(1 / np.diag(spread))]))


def mkl_reference_stats(reference: np.ndarray) -> np.ndarray:
    """(3, 4) float64: covariance and mean."""
    return np.column_stack([_mkl_covariance(reference), reference.reshape(-1, reference.shape[-1]).mean(0)])


def _mkl_covariance(image: np.ndarray) -> np.ndarray:
    return np.cov(_columns(image.astype(np.float64)))


def mkl_apply(measured: Measured, reference_stats: np.ndarray, scratch: Scratch) -> np.ndarray:
    """The picture in new colors, 0..1, in scratch memory: by a^-1/2 (a^1/2 b a^1/2)^1/2 a^-1/2."""
    inward, outward = measured.numbers
    covariance, mean = reference_stats[:, :-1], reference_stats[:, -1:]
    values, axes = np.linalg.eigh(inward @ covariance @ inward.T)
    root = np.diag(np.sqrt(np.maximum(values, FLOAT64_EPSILON)))
    turn = outward @ axes @ root @ axes.T @ outward.T
    return _mapped(measured.base, np.hstack([turn.T, mean]), scratch)
