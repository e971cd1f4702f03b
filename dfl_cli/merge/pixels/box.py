"""Boxes of a frame, and warps between a box and a face square.

All work on a face happens in the box of the frame that the face covers; the rest of the frame is never touched.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

CUBIC_REACH = 2  # pixels a cubic sample looks to each side


class Box(NamedTuple):
    """Pixels left <= x < right, top <= y < bottom of a frame."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.right - self.left, self.bottom - self.top

    @property
    def empty(self) -> bool:
        return self.right <= self.left or self.bottom <= self.top

    def crop(self, frame):
        """The part of `frame` (H, W, ...) inside the box: a view, no copy."""
        return frame[self.top : self.bottom, self.left : self.right]

    def crop_padded(self, frame):
        """The part of `frame` inside the box, its edge pixels repeated where the box reaches beyond: a view if it does not."""
        inside = self.clipped(frame.shape)
        sides = inside.top - self.top, self.bottom - inside.bottom, inside.left - self.left, self.right - inside.right
        return (
            cv2.copyMakeBorder(inside.crop(frame), *sides, cv2.BORDER_REPLICATE) if any(sides) else inside.crop(frame)
        )

    def clipped(self, frame_shape) -> "Box":
        """The part of the box that is in the frame."""
        height, width = frame_shape[:2]
        box = Box(max(self.left, 0), max(self.top, 0), min(self.right, width), min(self.bottom, height))
        return EMPTY_BOX if box.empty else box

    def join(self, other: "Box") -> "Box":
        """The smallest box that holds both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def bands(self, rows: int) -> Iterator["Box"]:
        """The box from top to bottom, `rows` at a time: what is done band by band stays in the processor's cache."""
        for top in range(self.top, self.bottom, rows):
            yield self._replace(top=top, bottom=min(top + rows, self.bottom))

    def trimmed_to(self, mask) -> "Box":
        """The columns of the box where its `mask` (h, w, ...) is above 0 somewhere; EMPTY_BOX where it is not."""
        left, _, width, _ = cv2.boundingRect((mask > 0).view(np.uint8))
        return self._replace(left=self.left + left, right=self.left + left + width) if width else EMPTY_BOX

    def relative_to(self, outer: "Box") -> "Box":
        """The same place, counted from the corner of `outer`."""
        return Box(self.left - outer.left, self.top - outer.top, self.right - outer.left, self.bottom - outer.top)


EMPTY_BOX = Box(0, 0, 0, 0)


def box_around(points, frame_shape, *, margin: int, beyond: int = 0) -> Box:
    """The box that holds all `points` (N, 2) of the frame and `margin` pixels more, at most `beyond` pixels past the frame's edge."""
    height, width = frame_shape[:2]
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    box = Box(
        max(math.floor(left) - margin, -beyond),
        max(math.floor(top) - margin, -beyond),
        min(math.ceil(right) + margin + 1, width + beyond),
        min(math.ceil(bottom) + margin + 1, height + beyond),
    )
    return EMPTY_BOX if box.empty else box


def around_square(matrix, side: int, frame_shape, *, beyond: int = 0) -> Box:
    """The box of the square side x side that `matrix` (frame -> square) leads to, with what a cubic sample looks at around it."""
    return box_around(square_in_frame(matrix, (0, 0), (side, side)), frame_shape, margin=CUBIC_REACH + 1, beyond=beyond)


def square_in_frame(matrix, low, high):
    """Corners (4, 2) in the frame of the rectangle from `low` to `high` (x, y) of a face square; `matrix` maps frame -> square."""
    (x0, y0), (x1, y1) = low, high
    return points_in_frame(matrix, np.float64([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]))


def points_in_frame(matrix, points):
    """`points` (N, 2) of a face square as points of the frame; `matrix` (2, 3) maps frame -> square."""
    back = cv2.invertAffineTransform(matrix)
    return points @ back[:, :2].T + back[:, 2]


def warp_to_square(picture, matrix, box: Box, size: int, *, border: int = cv2.BORDER_CONSTANT):
    """`picture`, the part of the frame inside `box`, warped by `matrix` (frame -> square) to (size, size[, C]).

    border   what is outside; black by default
    """
    return cv2.warpAffine(picture, from_box(matrix, box), (size, size), flags=cv2.INTER_CUBIC, borderMode=border)


def warp_to_box(square, matrix, box: Box, *, border: int = cv2.BORDER_CONSTANT):
    """`square` (n, n[, C]) seen in the frame, `matrix` mapping frame -> square: the pixels of `box`.

    border   what is outside of the square; black by default
    """
    flags = cv2.WARP_INVERSE_MAP | cv2.INTER_CUBIC
    return cv2.warpAffine(square, from_box(matrix, box), box.size, flags=flags, borderMode=border)


def from_box(matrix, box: Box):
    """`matrix` for points counted from the box's corner instead of the frame's."""
    moved = np.array(matrix, np.float64)
    moved[:, 2] += moved[:, :2] @ (box.left, box.top)
    return moved
