"""Pictures moved by fractions of a pixel."""

import cv2
import numpy as np
import pytest

from models.subpixel import moved, taps

SIDE = 32
INNER = slice(6, -6)


@pytest.fixture
def noise():
    return np.random.default_rng(0).random((2, SIDE, SIDE, 3), np.float32)


@pytest.fixture
def smooth(noise):
    return np.stack([cv2.GaussianBlur(one, (0, 0), 3) for one in noise])


def test_whole_pixels_are_copied(noise):
    to_place = moved(noise, (3, -2))
    assert np.array_equal(to_place[:, INNER, INNER], np.roll(noise, (-2, 3), axis=(1, 2))[:, INNER, INNER])
    assert moved(noise, (0.0, 0.0)) is noise


def test_the_first_number_leads_to_the_right_and_the_second_down(noise):
    dot = np.zeros_like(noise)
    dot[:, 10, 20] = 1
    assert np.argwhere(moved(dot, (2, 5))[0, ..., 0]).tolist() == [[15, 22]]


@pytest.mark.parametrize("shift", [(0.5, -0.25), (-1.375, 0.09375), (2.75, 3.5)])  # OpenCV knows steps of 1 / 32 pixel
def test_fractions_are_interpolated_as_opencv_does(noise, shift):
    matrix = np.float64([(1, 0, shift[0]), (0, 1, shift[1])])
    theirs = [
        cv2.warpAffine(one, matrix, (SIDE, SIDE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        for one in noise
    ]
    found = moved(0.25 + noise / 2, shift)  # nothing is clipped on the way
    assert np.allclose((found - 0.25) * 2, theirs, rtol=0, atol=1e-3)


def test_a_smooth_picture_comes_back_when_it_is_moved_there_and_back(smooth):
    back = moved(moved(smooth, (0.6, -1.1)), (-0.6, 1.1))
    assert np.allclose(back[:, INNER, INNER], smooth[:, INNER, INNER], rtol=0, atol=2e-3)


def test_edges_are_repeated():
    ramp = np.broadcast_to(np.linspace(0.2, 0.8, SIDE, dtype=np.float32)[:, None, None], (1, SIDE, SIDE, 1))
    assert np.allclose(moved(ramp, (0, 4.0))[0, :5], 0.2, rtol=0, atol=1e-6)
    assert np.allclose(moved(ramp, (0, -4.0))[0, -5:], 0.8, rtol=0, atol=1e-6)


@pytest.mark.parametrize("shift", [0.0, 0.3, -2.7, 5.5])
def test_brightness_stays_and_colors_remain_within_limits(noise, shift):
    assert taps(shift).sum() == pytest.approx(1, abs=1e-6)
    sharp = moved(np.round(noise), (shift, shift))
    assert sharp.min() >= 0 and sharp.max() <= 1
