import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closeness import PIXEL
from models.losses import pixels as losses

PIXELS = np.random.default_rng(0).random((2, 64, 64, 3), np.float32)


@pytest.mark.parametrize("size", [1, 3, 5, 8, 11, 22])
def test_dissimilarity_is_as_recorded(recorded, size):
    case = recorded("ops")
    got = losses.dssim(case["in_a"], case["in_b"], size)
    np.testing.assert_allclose(got, case[f"dssim_fs{size}"], atol=2e-5)  # the recorded float32 is up to 5e-6 from exact


@pytest.mark.parametrize("sigma", ["0.5", "1", "2", "3", "4", "8"])
def test_blur_is_as_recorded(recorded, sigma):
    case = recorded("ops")
    np.testing.assert_allclose(
        losses.gaussian_blur(case["in_a"], float(sigma)), case[f"gaussian_blur_r{sigma}"], atol=5e-6
    )


def test_a_blurred_mask_is_as_recorded(recorded):
    case = recorded("ops")
    np.testing.assert_allclose(losses.gaussian_blur(case["in_mask"], 2), case["gaussian_blur_mask_r2"], atol=PIXEL)


def test_borders_darken_because_outside_is_black():
    blurred = losses.gaussian_blur(np.ones((1, 8, 8, 1), np.float32), 2)
    np.testing.assert_allclose(blurred[0, 0, :5, 0], [0.3625, 0.4710, 0.5455, 0.5854, 0.5854], atol=5e-5)


@pytest.mark.parametrize("resolution", [64, 256])
def test_equal_pictures_cost_nothing(resolution):
    picture = np.random.default_rng(1).random((1, resolution, resolution, 3), np.float32)
    np.testing.assert_allclose(losses.structural(picture, picture, resolution), 0, atol=1e-5)
    assert float(losses.squared(picture, picture)[0]) == 0


def test_from_256_pixels_on_two_windows_share_the_weight():
    truth, guess = np.random.default_rng(2).random((2, 1, 256, 256, 3), np.float32)
    both = [np.asarray(losses.dssim(truth, guess, size)).mean() for size in (22, 11)]
    np.testing.assert_allclose(losses.structural(truth, guess, 256), 5 * both[0] + 5 * both[1], rtol=1e-6)
    one = np.asarray(losses.dssim(truth[:, :240, :240], guess[:, :240, :240], 20)).mean()
    np.testing.assert_allclose(losses.structural(truth[:, :240, :240], guess[:, :240, :240], 240), 10 * one, rtol=1e-6)


def test_eyes_and_mouth_count_only_where_they_are():
    em_mask = np.zeros((2, 64, 64, 1), np.float32)
    assert np.asarray(losses.eyes_and_mouth(PIXELS, 1 - PIXELS, em_mask)).tolist() == [0, 0]
    em_mask[0, :32] = 1
    cost = np.asarray(losses.eyes_and_mouth(np.zeros_like(PIXELS), np.ones_like(PIXELS), em_mask))
    np.testing.assert_allclose(cost, [150, 0])  # 300 x half of the picture is wrong by 1


def test_a_soft_mask_is_full_inside_and_fades_around():
    mask = np.zeros((1, 64, 64, 1), np.float32)
    mask[:, 20:44, 20:44] = 1
    row = np.asarray(losses.soften(mask, 64))[0, 32, :, 0]
    assert row[24:40].min() == 1 and row[:14].max() == 0
    assert np.all(np.diff(row[14:24]) >= 0) and 0 < row[19] < 1


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=10)
def test_blurring_out_keeps_the_face_and_stays_in_range(seed):
    rng = np.random.default_rng(seed)
    picture = rng.random((1, 64, 64, 3), np.float32)
    mask = np.zeros((1, 64, 64, 1), np.float32)
    top, left = rng.integers(0, 40, 2)
    mask[:, top : top + 20, left : left + 20] = 1
    blurred = np.asarray(losses.blur_out(picture, mask, 64))
    np.testing.assert_array_equal(blurred * mask, picture * mask)
    assert blurred.min() >= -1e-5 and blurred.max() <= 1 + 1e-5
