"""From a picture to a face crop and back: similarity fit and crop matrices (facesets.md 2.3 to 2.5).

The crop matrices use float32 step by step where the reference does: equal bits here mean equal pixels there.

Integer coordinates are the centers of pixels, and a crop matrix for `size` pixels is that for one pixel times `size`. `cv2.resize`
keeps the edges of the outermost pixels in place instead: a matrix for what it makes comes from `resized_matrix`.
"""

from __future__ import annotations

import cv2
import numpy as np

from samplers.geometry.face_types import FaceType
from samplers.geometry.landmarks import N_, checked, mean_face
from samplers.geometry.pose import averaged_yaw


class FlatLandmarks(ValueError):
    """Landmarks that all lie in one place, so that nothing can be cut around them."""

    fact = N_("they lie in one place")


MOST_AVERAGED = 16  # pixels along one of the result, beyond which more accuracy cannot be seen
MOST_CUBIC = 2  # pixels along one of the result, up to which linear interpolation would visibly blur
_UP_SHIFT = {FaceType.WHOLE: np.float32(0.07), FaceType.HEAD: np.float32(0.5)}  # of the mean face's height


def umeyama(src: np.ndarray, dst: np.ndarray, *, with_scale: bool = True) -> np.ndarray:
    """The similarity that takes points `src` to `dst` with the least squared error (Umeyama, PAMI 1991).

    src, dst  (N, 2), N > 1
    returns   (3, 3) homogeneous; NaN where the points say nothing (all equal)
    """
    src_mean, dst_mean = src.mean(axis=0), dst.mean(axis=0)
    src_centered, dst_centered = src - src_mean, dst - dst_mean
    covariance = np.dot(dst_centered.T, src_centered) / len(src)  # `@` sums in another order
    u, deviations, v = np.linalg.svd(covariance)
    rank = np.linalg.matrix_rank(covariance)
    if rank == 0:
        return np.full((3, 3), np.nan)
    handedness = np.linalg.det(covariance) if rank == 2 else np.linalg.det(u) * np.linalg.det(v)
    signs = np.array([1.0, -1.0 if handedness < 0 else 1.0])  # turn, never mirror
    fit = np.eye(3)
    fit[:2, :2] = u @ np.diag(signs) @ v
    scale = 1.0 / src_centered.var(axis=0).sum() * (deviations @ signs) if with_scale else 1.0
    fit[:2, 2] = dst_mean - scale * (fit[:2, :2] @ src_mean)
    fit[:2, :2] *= scale
    return fit


def transform_points(points, matrix: np.ndarray, *, invert: bool = False) -> np.ndarray:
    """(N, 2) points moved by the (2, 3) matrix, or back by its inverse; float32 stays float32, float64 stays float64."""
    points = np.asarray(points).reshape(-1, 1, 2)
    if invert:
        matrix = cv2.invertAffineTransform(matrix)
    return cv2.transform(points, matrix).reshape(-1, 2)


def transform_matrix(landmarks, size: int, face_type: FaceType, *, scale: float = 1.0) -> np.ndarray:
    """The (2, 3) float64 matrix from the picture of `landmarks` to its crop of `size` x `size` pixels.

    scale     above 1 shows more of the face's middle, below 1 more around it
    raises    ValueError for a type without a crop, WrongLandmarks, FlatLandmarks
    """
    padding = face_type.padding
    index, mean = mean_face()
    to_square = umeyama(checked(landmarks)[index], mean)[:2]
    if not np.isfinite(to_square).all():
        raise FlatLandmarks
    square = np.float32([(0, 0), (1, 0), (1, 1), (0, 1), (0.5, 0.5)])
    top_left, top_right, bottom_right, bottom_left, center = transform_points(square, to_square, invert=True)
    down, up = _unit(bottom_right - top_left), _unit(top_right - bottom_left)  # along the square's diagonals
    diagonal = np.linalg.norm(top_left - bottom_right)
    reach = np.float32(1.0 / scale * float(diagonal) * (padding * np.sqrt(2.0) + 0.5))

    if face_type is FaceType.HEAD:
        center = center - _yaw_shift(transform_points(landmarks, to_square), top_left - top_right)
    if face_type in _UP_SHIFT:
        upward = top_left - bottom_left
        center = center + _unit(upward) * np.linalg.norm(upward) * _UP_SHIFT[face_type]

    corners = np.float32([center - down * reach, center + up * reach, center + down * reach, center - up * reach])
    if face_type.is_upright:
        corners = _upright(center, corners)
    target = np.float32([(0, 0), (size, 0), (size, size)])
    return cv2.getAffineTransform(np.ascontiguousarray(corners[:3]), target)


def resized_matrix(matrix: np.ndarray, factor: float) -> np.ndarray:
    """The (2, 3) matrix to a square that `cv2.resize` has made `factor` times as large as the one that `matrix` leads to."""
    resized = matrix * factor
    resized[:, 2] += (factor - 1) / 2  # its pixel x is at (x + .5) * factor - .5
    return resized


def resized_points(points: np.ndarray, factor) -> np.ndarray:
    """(N, 2) `points` of a picture in one that `cv2.resize` has made `factor` times as large; a number, or one for x and one for y."""
    return (points + 0.5) * factor - 0.5


def pixels_in_one(matrix: np.ndarray) -> int:
    """Pixels along one of those that the (2, 3) `matrix` leads to; 1 where it does not shrink, at most MOST_AVERAGED."""
    return min(max(1, round(1 / np.sqrt(abs(np.linalg.det(matrix[:, :2]))))), MOST_AVERAGED)


def warp_averaged(
    image: np.ndarray, matrix: np.ndarray, side: int, *, interpolation: int = cv2.INTER_CUBIC, border: int
) -> np.ndarray:
    """`image` (H, W[, C]) warped by `matrix` to (side, side[, C]): where it shrinks, each pixel is the mean of those it covers.

    border  what is outside, as OpenCV's constant
    """
    times = pixels_in_one(matrix)
    fine = (side * times, side * times)
    if times > MOST_CUBIC:  # the mean of linear samples weighs each pixel by its covered part, in a third of the time
        interpolation = cv2.INTER_LINEAR
    image = cv2.warpAffine(image, resized_matrix(matrix, times), fine, flags=interpolation, borderMode=border)
    return image if times == 1 else cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)


def frame_rect(landmarks) -> np.ndarray:
    """(left, top, right, bottom) float32 of the upright full face around `landmarks`, in their picture's pixels."""
    matrix = transform_matrix(landmarks, 256, FaceType.FULL_NO_ALIGN)
    return transform_points(np.float32([(0, 0), (255, 255)]), matrix, invert=True).reshape(4)


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def _yaw_shift(landmarks_in_square: np.ndarray, leftward: np.ndarray) -> np.ndarray:
    """How far a head crop moves off the middle so that the back of a turned head fits; `leftward` is the top edge."""
    yaw = averaged_yaw(landmarks_in_square)
    yaw *= abs(np.tanh(yaw * 2))  # small turns hardly count
    return _unit(leftward) * np.float32(yaw * float(np.linalg.norm(leftward)) / 2.0)


def _upright(center: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """(3, 2) float32 corners of the upright square around `center`, half as wide as the turned one of `corners`' area."""
    x, y = corners.T
    area = 0.5 * np.abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))
    side = np.float32(np.sqrt(area) / 2)
    return center + np.float32([(-side, -side), (side, -side), (side, side)])
