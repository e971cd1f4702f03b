"""Levels of one picture with the frequencies of another's."""

import numpy as np
import pytest

from closeness import assert_same_pixels
from samplers.colors.histogram_match import histogram_match


@pytest.mark.parametrize("threshold", [255, 238, 128])
def test_the_recorded_pictures_come_out(fixtures, threshold):
    recorded = np.load(fixtures / "color" / "color_transfer_cv5.npz")
    matched = histogram_match(recorded["image"], recorded["reference"], threshold=threshold)
    assert_same_pixels(matched[::3, ::3], recorded[f"hist_match_{threshold}"])
    assert matched.dtype == np.float32


def test_a_picture_matched_to_itself_stays():
    image = np.random.RandomState(0).rand(16, 16, 3).astype(np.float32)
    np.testing.assert_allclose(histogram_match(image, image), image, atol=1e-6)


def test_the_order_of_levels_stays():
    image, reference = np.random.RandomState(0).rand(2, 16, 16, 3).astype(np.float32)
    matched = histogram_match(image, reference)
    for channel in range(3):
        order = image[..., channel].ravel().argsort()
        assert (np.diff(matched[..., channel].ravel()[order]) >= 0).all()


def test_a_fourth_channel_is_left_alone():
    image = np.random.RandomState(0).rand(8, 8, 4).astype(np.float32)
    np.testing.assert_array_equal(histogram_match(image, image[::-1] / 2)[..., 3], image[..., 3])


def test_flat_pictures_take_the_level_of_the_reference():
    flat = np.full((8, 8, 3), 0.25, np.float32)
    np.testing.assert_allclose(histogram_match(flat, flat * 2), 0.5)
