"""Seamless cloning: the gradients of a face in the light of a frame (Perez, Gangnet, Blake, Poisson Image Editing, 2003).

The equation is solved over the mask's bounding box with the frame's pixels around it as its border, as OpenCV's normal clone does,
but in floats and through matrices of sines: several times quicker, and without its steps of 8 bits.
"""

from functools import lru_cache

import cv2
import numpy as np

INNER = 3  # pixels: gradients are the face's only this far inside the mask
SMALLEST = 3  # rows and columns of a box that has an inside


class NotCloned(Exception):
    """There is nothing to solve here: the mask is too small or leaves the picture."""


def clone_mask(alpha):
    """(h, w) bool: where the mask (h, w, 1) is above the lowest tenth that it reaches at all (merger.md 4.6)."""
    for tenth in range(1, 10):
        found = alpha[..., 0] > tenth / 10
        if found.any():
            return found
    raise NotCloned


def seamless_clone(face, frame, mask):
    """`face` within `mask` in the light of `frame`: (h, w, 3) float32 0..1; outside the mask's box it is the frame.

    face, frame  (h, w, 3) float32 0..1
    mask         (h, w) bool
    raises       NotCloned
    """
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    if min(width, height) < SMALLEST:
        raise NotCloned
    area = np.s_[top : top + height, left : left + width]
    cloned = frame.copy()
    cloned[area] = np.clip(solved(face[area], frame[area], mask[area]), 0, 1)
    return cloned


def solved(face, frame, mask):
    """The picture (h, w, 3) whose edge is `frame`'s and whose gradients are `face`'s inside `mask`, `frame`'s elsewhere."""
    kernel = np.ones((2 * INNER + 1,) * 2, np.uint8)
    inner = cv2.erode(mask.view(np.uint8), kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0).astype(np.float32)
    shown = mask.astype(np.float32)
    planes = zip(cv2.split(np.ascontiguousarray(face)), cv2.split(np.ascontiguousarray(frame)), strict=True)
    return cv2.merge([plane + change(own * shown - plane, inner) for own, plane in planes])


def change(difference, inner):
    """What one channel (h, w) changes by, 0 along its edge: the gradients of `difference` where `inner` is 1, none elsewhere."""
    along_x = (difference[:, 1:] - difference[:, :-1]) * inner[:, :-1]
    along_y = (difference[1:] - difference[:-1]) * inner[:-1]
    divergence = along_x[1:-1, 1:] - along_x[1:-1, :-1]
    divergence += along_y[1:, 1:-1]
    divergence -= along_y[:-1, 1:-1]
    changed = np.zeros_like(difference)
    changed[1:-1, 1:-1] = poisson(divergence)
    return changed


def poisson(divergence):
    """The (h, w) float32 whose Laplacian is `divergence`, 0 around it: sine transform, division, and back."""
    spectrum = sine_transform(sine_transform(divergence).T) / eigenvalues(divergence.shape[::-1])
    return sine_transform(sine_transform(spectrum).T)


def sine_transform(columns):
    """(n, m) float32, each column transformed; twice gives the columns times (n + 1) / 2.

    Sines are even or odd about the middle, so two products of half the size do.
    """
    columns = np.ascontiguousarray(columns)
    count = len(columns)
    half, middle = count // 2, (count + 1) // 2
    matrix, mirrored = sines(count), columns[::-1]
    sums = columns[:middle] + mirrored[:middle]
    if middle > half:
        sums[half] /= 2  # the middle was added to itself
    transformed = np.empty_like(columns)
    transformed[0::2] = product(matrix[0::2, :middle], sums)
    transformed[1::2] = product(matrix[1::2, :half], columns[:half] - mirrored[:half])
    return transformed


def product(left, right):
    """Matrix product in this thread alone; NumPy's starts threads that the other frames' workers then wait for."""
    return cv2.gemm(np.ascontiguousarray(left), right, 1, None, 0)


@lru_cache(maxsize=64)
def sines(length: int):
    """(length, length) float32, its own inverse up to (length + 1) / 2."""
    steps = np.arange(1, length + 1)
    return np.sin(np.pi / (length + 1) * np.outer(steps, steps)).astype(np.float32)


def eigenvalues(shape: tuple[int, int]):
    """(h, w) float32 of the Laplacian, times what two sine transforms scale by."""
    rows, columns = (
        (2 * np.cos(np.pi / (length + 1) * np.arange(1, length + 1)) - 2).astype(np.float32) for length in shape
    )
    scale = np.float32((shape[0] + 1) * (shape[1] + 1) / 4)
    return (rows[:, None] + columns) * scale
