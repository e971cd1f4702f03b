"""Landmarks that do not tremble: each track is smoothed over time, less where the face, or a part of it, moves fast.

Around each frame a parabola is fitted to where the points were before and are afterwards, so steady motion and its
acceleration pass unchanged. A frame counts the less the longer ago it is and the farther that part of the face was from where it
is now: motion narrows the filter by itself, and a blink or a word is not blurred while the head is still.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from samplers.geometry.landmarks import JAW, LEFT_BROW, LEFT_EYE, RIGHT_BROW, RIGHT_EYE

REACH = 2.5  # frames: standard deviation of the weights over time
NEAR = 0.015  # eye distances: standard deviation of the weights over distance, for landmarks without noise
FIRST = 1.0  # frames: standard deviation of the mean by which distances are measured
PARTS = (JAW, slice(RIGHT_BROW.start, LEFT_BROW.stop), slice(27, 36), RIGHT_EYE, LEFT_EYE, slice(48, 68))
OFTEN = 0.75  # of the frames have less noise than what counts as noise of the track
SHORTEST = 3  # frames of a track, below which it stays as it is
RIDGE = 1e-3  # keeps the fit solvable where hardly any other frame counts


def smoothed(landmarks: np.ndarray, times: Sequence[int]) -> np.ndarray:
    """The landmarks (T, 68, 2) of one face in pixels, smoothed, float64.

    times  rising numbers of the frames; frames may be missing
    """
    points, times = np.asarray(landmarks, np.float64), np.asarray(times, np.float64)
    if len(points) < SHORTEST:
        return points
    unit = max(float(np.median(eye_distances(points))), 1e-6)
    found = np.empty_like(points)
    for part in PARTS:
        found[:, part] = smoothed_part(points[:, part] / unit, times) * unit
    return found


def eye_distances(points: np.ndarray) -> np.ndarray:
    """(T,): between the centers of the eyes."""
    apart = points[:, RIGHT_EYE].mean(axis=1) - points[:, LEFT_EYE].mean(axis=1)
    return np.linalg.norm(apart, axis=1)


def smoothed_part(points: np.ndarray, times: np.ndarray) -> np.ndarray:
    """`points` (T, N, 2) of one part of the face, in eye distances, smoothed."""
    steady = averaged(points, times, FIRST)
    noise = noise_of(steady)
    flat = points.reshape(len(points), -1)
    moments = np.zeros((5, len(points)))  # sums of weight x time to the power of 0 .. 4
    values = np.zeros((3, *flat.shape))  # sums of weight x time to the power of 0 .. 2 x point
    for here, there, apart in neighbors(times, REACH):
        moved = ((steady[here] - steady[there]) ** 2).sum(axis=2).mean(axis=1)
        weights = np.exp(-0.5 * (apart / REACH) ** 2 - 0.5 * np.maximum(moved - 2 * noise, 0) / NEAR**2)
        for power in range(5):
            moments[power, here] += weights * apart**power
        for power in range(3):
            values[power, here] += (weights * apart**power)[:, None] * flat[there]
    return parabola_at_zero(moments, values).reshape(points.shape)


def parabola_at_zero(moments: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(T, M): where the parabolas with these moments (5, T) and values (3, T, M) are at time 0."""
    matrix = np.stack([[moments[row + column] for column in range(3)] for row in range(3)])  # (3, 3, T)
    matrix = matrix.transpose(2, 0, 1) + moments[0][:, None, None] * np.diag([0, RIDGE, RIDGE])
    return np.linalg.solve(matrix, values.transpose(1, 0, 2))[:, 0]


def averaged(points: np.ndarray, times: np.ndarray, reach: float) -> np.ndarray:
    """The mean of `points` (T, N, 2) over neighboring frames."""
    total, weight = np.zeros_like(points), np.zeros(len(points))
    for here, there, apart in neighbors(times, reach):
        weights = np.exp(-0.5 * (apart / reach) ** 2)
        weight[here] += weights
        total[here] += weights[:, None, None] * points[there]
    return total / weight[:, None, None]


def noise_of(points: np.ndarray) -> float:
    """By how much (T, N, 2) tremble: the mean square distance of a point from where it belongs, exceeded in a quarter of the frames."""
    bends = points[2:] - 2 * points[1:-1] + points[:-2]
    return float(np.quantile((bends**2).sum(axis=2).mean(axis=1), OFTEN)) / 6  # six times the variance of noise


def neighbors(times: np.ndarray, reach: float) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """Pairs of frames up to three standard deviations `reach` apart: (frames, their neighbors, by how many frames these are later)."""
    farthest = min(int(np.ceil(3 * reach)), len(times) - 1)
    for step in range(-farthest, farthest + 1):
        here = slice(max(-step, 0), len(times) - max(step, 0))
        there = slice(max(step, 0), len(times) - max(-step, 0))
        yield here, there, times[there] - times[here]
