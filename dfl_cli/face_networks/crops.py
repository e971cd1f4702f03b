"""Pixels around a face, moved and scaled to a square; large ones are averaged, not sampled."""

from __future__ import annotations

import math

import cv2
import numpy as np

LARGEST_STEP = 2.0  # pixels of the picture for one of the crop; beyond, bilinear interpolation leaves pixels out


def warp(picture: np.ndarray, matrix: np.ndarray, size: int, *, flags: int = cv2.INTER_LINEAR) -> np.ndarray:
    """The (size, size) crop of `picture` by `matrix` (2, 3), which goes from the picture to the crop; black outside of it.

    Where the crop is much smaller than its part of the picture, that part is first shrunk by averaging.
    """
    matrix = np.asarray(matrix, np.float64)
    step = 1 / math.sqrt(max(abs(np.linalg.det(matrix[:, :2])), 1e-12))
    if step <= LARGEST_STEP:
        return cv2.warpAffine(picture, matrix, (size, size), flags=flags)
    part, matrix = shrunk_part(picture, matrix, size, int(step))
    if part is None:
        return np.zeros((size, size, *picture.shape[2:]), picture.dtype)
    return cv2.warpAffine(part, matrix, (size, size), flags=flags)


def shrunk_part(picture: np.ndarray, matrix: np.ndarray, size: int, factor: int):
    """The part of `picture` that the crop shows, `factor` times smaller, and the matrix from there; (None, matrix) if there is none."""
    corners = np.float64([(0, 0), (size, 0), (size, size), (0, size)]).reshape(-1, 1, 2)
    corners = cv2.transform(corners, cv2.invertAffineTransform(matrix)).reshape(4, 2)
    height, width = picture.shape[:2]
    left, top = np.clip(np.floor(corners.min(axis=0)).astype(int) - 2 * factor, 0, (width, height))
    right, bottom = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 2 * factor, 0, (width, height))
    columns, rows = (right - left) // factor, (bottom - top) // factor
    if columns < 1 or rows < 1:
        return None, matrix
    part = picture[top : top + rows * factor, left : left + columns * factor]
    part = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    offset = (factor - 1) / 2  # of the first averaged pixel's center, which is an integer coordinate in both pictures
    back = np.float64([[factor, 0, left + offset], [0, factor, top + offset], [0, 0, 1]])
    return part, matrix @ back
