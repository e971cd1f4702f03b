import numpy as np
import pytest

from dfl_cli.evaluate.metrics.image_quality import psnr, ssim


@pytest.fixture
def picture():
    return np.random.default_rng(0).random((40, 40, 3), np.float32)


def everywhere(value=1.0):
    return np.full((40, 40, 1), value, np.float32)


def test_an_error_of_a_tenth_is_20_decibels(picture):
    assert psnr(picture + 0.1, picture, everywhere()) == pytest.approx(20, abs=1e-4)


def test_equal_pictures_are_infinitely_close_and_fully_similar(picture):
    assert psnr(picture, picture, everywhere()) == float("inf")
    assert ssim(picture, picture, everywhere()) == pytest.approx(1)


def test_what_lies_outside_the_mask_does_not_count(picture):
    mask, other = everywhere(0), picture.copy()
    mask[:20] = 1
    other[20:] = 0
    assert psnr(other, picture, mask) == float("inf")


def test_a_blurred_picture_is_less_similar_than_a_slightly_brighter_one(picture):
    blurred = np.full_like(picture, picture.mean())
    assert ssim(blurred, picture, everywhere()) < 0.2 < 0.9 < ssim(picture * 0.95, picture, everywhere())
