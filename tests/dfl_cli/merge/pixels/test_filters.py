"""Filters of merging, against the recorded ones and by what they are for."""

import cv2
import numpy as np
import pytest

from closeness import assert_same_pixels
from dfl_cli.merge.pixels.filters import degraded, fewer_colors, sharpened, smear_length, soften

SHARPEN = {1: "box", 2: "gaussian"}


@pytest.fixture(scope="module")
def recorded_filters(fixtures):
    with np.load(fixtures / "merge" / "filters_cv5.npz") as arrays:
        return dict(arrays)


def test_sharpening_and_softening_are_the_recorded_ones(recorded_filters):
    names = [name for name in recorded_filters if name.startswith("blursharpen")]
    assert len(names) >= 4
    for name in names:
        mode, kernel, amount = name.removeprefix("blursharpen_m").split("_")
        assert kernel == "k3"
        result = sharpened(recorded_filters["picture"], SHARPEN[int(mode)], int(amount.removeprefix("a")))
        np.testing.assert_allclose(result, recorded_filters[name], rtol=0, atol=2e-5, err_msg=name)


def test_fewer_colors_are_the_recorded_ones(recorded_filters):
    assert_same_pixels(fewer_colors(recorded_filters["picture"], 100), recorded_filters["reduce_colors_256"])


def test_sharpening_without_a_filter_changes_nothing():
    picture = np.random.default_rng(1).random((8, 8, 3), np.float32)
    assert sharpened(picture, "none", 30) is picture


@pytest.mark.parametrize(
    ("distance", "percent", "length"),
    [(16, 100, 17), (16, 50, 9), (1.9, 50, 0), (500, 100, 50), (2, 50, 2), (0, 100, 0)],
)
def test_the_smear_is_as_long_as_the_movement(distance, percent, length):
    assert smear_length(distance, percent) == length


def test_softening_ten_at_a_time_is_the_same_as_all_at_once():
    picture = np.random.default_rng(1).random((20, 20, 3), np.float32)
    assert np.array_equal(
        soften(picture, 20, full_pass=10), soften(soften(picture, 10, full_pass=10), 10, full_pass=10)
    )


def test_denoising_in_bytes_is_denoising_in_floats():
    frame = np.random.default_rng(1).integers(0, 256, (40, 50, 3), np.uint8)
    floats = soften(frame.astype(np.float32) / 255, 130, full_pass=100)
    assert np.array_equal(degraded(frame, denoise=130, rescale=0), floats)


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 50, 3), (50, 40, 3)])
def test_the_strongest_degrading_leaves_a_frame_of_its_size(shape):
    frame = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    assert degraded(frame, denoise=500, rescale=100).shape == shape


def test_denoising_takes_grain_away_and_leaves_edges():
    frame = np.full((60, 60, 3), 51, np.uint8)
    frame[:, 30:] = 204
    grain = np.random.default_rng(1).normal(0, 13, frame.shape)
    clean = degraded((frame + grain).round().astype(np.uint8), denoise=200, rescale=0)
    assert np.abs(clean - frame / 255).mean() < 0.4 * np.abs(grain).mean() / 255
    assert clean[30, 33, 0] - clean[30, 26, 0] > 0.5


def test_fewer_colors_are_at_most_256():
    picture = cv2.GaussianBlur(np.random.default_rng(1).random((64, 64, 3), np.float32), (0, 0), 3)
    reduced = fewer_colors(picture, 100)
    assert len(np.unique(reduced.reshape(-1, 3), axis=0)) <= 256
    half = fewer_colors(picture, 50)
    np.testing.assert_allclose(half, (picture + reduced) / 2, atol=1e-6)
