"""What surrounds FAN in DeepFaceLab (facesets.md 5.4): crops of a face, and points from heat maps."""

from __future__ import annotations

import cv2
import numpy as np

SIDE, MAP_SIDE = 256, 64  # pixels of the network's input and of its maps
PIXELS = 200.0  # of the frame that a crop of scale 1 shows
BOX = 195.0  # width + height of a box of scale 1
SHIFTS = ((0, 0), (-1, -1), (1, -1), (1, 1), (-1, 1))  # pixels, of the crops whose points are averaged

Center = tuple[float, float]


def center_and_scale(box: tuple[float, float, float, float]) -> tuple[Center, float]:
    left, top, right, bottom = box
    return ((left + right) / 2, (top + bottom) / 2), (right - left + bottom - top) / BOX


def in_frame(points: np.ndarray, center: Center, scale: float, side: int) -> np.ndarray:
    """`points` (N, 2) of a crop of `side` pixels, in the frame; by an inverse matrix, as whole pixels depend on the last bit."""
    width = PIXELS * scale
    to_crop = np.eye(3)
    to_crop[0, 0] = to_crop[1, 1] = side / width
    to_crop[:2, 2] = [side * (-each / width + 0.5) for each in center]
    return (np.c_[np.asarray(points, np.float64), np.ones(len(points))] @ np.linalg.inv(to_crop).T)[:, :2]


def crop(picture: np.ndarray, center: Center, scale: float) -> np.ndarray:
    """(256, 256, 3): what the network is shown of `picture`; black outside of it."""
    left, top = in_frame(np.array([[1, 1]]), center, scale, SIDE)[0].astype(int).tolist()
    right, bottom = in_frame(np.array([[SIDE, SIDE]]), center, scale, SIDE)[0].astype(int).tolist()
    canvas = np.zeros((bottom - top, right - left, 3), np.uint8)
    height, width = picture.shape[:2]
    x0, x1 = max(1, left + 1), min(right, width)  # counted from 1, the last one included
    y0, y1 = max(1, top + 1), min(bottom, height)
    if x1 >= x0 and y1 >= y0:
        part = picture[y0 - 1 : y1, x0 - 1 : x1]
        row, column = max(1, 1 - top) - 1, max(1, 1 - left) - 1
        canvas[row : row + part.shape[0], column : column + part.shape[1]] = part
    return cv2.resize(canvas, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)


def points_of_maps(maps: np.ndarray, center: Center, scale: float) -> np.ndarray:
    """(68, 64, 64) -> (68, 2) pixels of the frame: peaks, moved a quarter pixel toward the larger neighbor."""
    points = np.empty((len(maps), 2))
    for number, heat in enumerate(maps):
        y, x = divmod(int(heat.argmax()), heat.shape[1])
        move = np.zeros(2)
        if 0 < x < MAP_SIDE - 1 and 0 < y < MAP_SIDE - 1:
            across, down = float(heat[y, x + 1]) - float(heat[y, x - 1]), float(heat[y + 1, x]) - float(heat[y - 1, x])
            move = 0.25 * np.sign([across, down])
        points[number] = np.array([x, y]) + move + 0.5
    return in_frame(points, center, scale, MAP_SIDE)
