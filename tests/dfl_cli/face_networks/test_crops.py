"""Crops around faces keep their place, and large ones are averaged."""

import cv2
import numpy as np
import pytest

from dfl_cli.face_networks.crops import warp


def gradient(height=400, width=600):
    """Each pixel says where it is."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    return np.stack([columns, rows, np.zeros_like(rows)], axis=2)


@pytest.mark.parametrize("scale", [2.0, 0.7, 0.3, 0.11])
def test_every_pixel_of_a_crop_shows_its_place_whatever_the_scale(scale):
    turn = cv2.getRotationMatrix2D((300, 200), 20, scale)
    turn[:, 2] += (16 - 300, 16 - 200)  # the middle of the picture comes to the middle of the crop
    crop = warp(gradient(), turn, 33)
    back = cv2.invertAffineTransform(turn)
    for x, y in ((16, 16), (10, 20), (20, 12)):
        there = back @ (x, y, 1)
        assert crop[y, x, :2] == pytest.approx(there, abs=0.05)


def test_a_fine_pattern_is_averaged_in_a_small_crop():
    board = np.uint8((np.indices((512, 512)).sum(axis=0) % 2) * 255)[..., None].repeat(3, axis=2)
    crop = warp(board, np.float64([[0.13, 0, 0], [0, 0.13, 0]]), 64)
    assert np.ptp(crop[2:-2, 2:-2].astype(int)) <= 6
    assert abs(float(crop.mean()) - 127) < 3


def test_a_crop_outside_of_the_picture_is_black():
    far = np.float64([[0.1, 0, 500], [0, 0.1, 500]])
    assert not warp(np.full((100, 100, 3), 200, np.uint8), far, 32).any()
