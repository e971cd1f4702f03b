"""Cutting out what a person has marked roughly, by its colors (Rother, Kolmogorov and Blake, "GrabCut", 2004)."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from dfl_cli.xseg.assist.brush import Stroke, painted

LARGEST_SIDE = 224  # pixels it works at, so that a person need not wait; about half a second on one core
ROUNDS = 3
SMOOTHING = 1.2  # standard deviation in those pixels: its borders are ragged
FEWEST = 8  # pixels of each kind that its color models need: five clusters each


def grab_cut(
    picture: np.ndarray,
    box: tuple[float, float, float, float] | None = None,
    strokes_in: Sequence[Stroke] = (),
    strokes_out: Sequence[Stroke] = (),
    start_mask: np.ndarray | None = None,
) -> np.ndarray:
    """(H, W, 1) float32: 1 on the object.

    picture      (H, W, 3) uint8 BGR
    box          left, top, right, bottom in pixels; nothing outside belongs to the object
    strokes_in   surely the object;  strokes_out: surely not, also where both were painted
    start_mask   (H, W, 1) 0..1: a guess to begin with, such as the mask of a network
    """
    shape = picture.shape[:2]
    known = _known(shape, box, strokes_in, strokes_out, start_mask)
    scale = min(LARGEST_SIDE / max(shape), 1)
    size = (max(round(shape[1] * scale), 1), max(round(shape[0] * scale), 1))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    classes = cv2.resize(known, size, interpolation=cv2.INTER_NEAREST)
    inside = cv2.GaussianBlur(_separated(small, classes), (0, 0), SMOOTHING, borderType=cv2.BORDER_REPLICATE)
    soft = cv2.resize(inside, shape[::-1], interpolation=cv2.INTER_LINEAR)
    found = np.where(known == cv2.GC_FGD, 1, np.where(known == cv2.GC_BGD, 0, soft >= 0.5))
    return np.float32(found)[..., None]


def _known(shape, box, strokes_in, strokes_out, start_mask) -> np.ndarray:
    """(H, W) uint8 of OpenCV's classes GC_BGD, GC_FGD, GC_PR_BGD, GC_PR_FGD."""
    likely = cv2.GC_PR_FGD if box is not None else cv2.GC_PR_BGD
    known = np.full(shape, likely, np.uint8)
    if start_mask is not None:
        known[:] = np.where(start_mask[..., 0] >= 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD)
    if box is not None:
        left, top, right, bottom = (round(each) for each in box)
        outside = np.ones(shape, bool)
        outside[max(top, 0) : max(bottom + 1, 0), max(left, 0) : max(right + 1, 0)] = False
        known[outside] = cv2.GC_BGD
    known[painted(strokes_in, shape)[..., 0] > 0] = cv2.GC_FGD
    known[painted(strokes_out, shape)[..., 0] > 0] = cv2.GC_BGD
    return known


def _separated(picture: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """(h, w) float32 0/1; where there is nothing to tell one kind from the other, what is known already."""
    objects = np.isin(classes, (cv2.GC_FGD, cv2.GC_PR_FGD))
    if FEWEST <= np.count_nonzero(objects) <= objects.size - FEWEST:
        cv2.setRNGSeed(0)  # its first clusters are drawn by chance
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(picture, classes, None, *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
        objects = np.isin(classes, (cv2.GC_FGD, cv2.GC_PR_FGD))
    return np.float32(objects)
