"""Hue, saturation and value shift as recorded, and only as far as asked."""

import json

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from closeness import PIXEL
from samplers.colors.color import HsvShift, apply_hsv, draw_hsv


def test_a_shift_gives_the_recorded_pixels(fixtures):
    recorded = json.loads((fixtures / "color" / "golden.json").read_text())["hsv_shift_seed1"]
    coarse = np.random.RandomState(20).rand(8, 8, 3).astype(np.float32)
    image = np.clip(cv2.resize(coarse, (64, 64), interpolation=cv2.INTER_LINEAR), 0, 1)
    rng = np.random.RandomState(1)
    shift = HsvShift(rng.randint(360), rng.random_sample() - 0.5, rng.random_sample() - 0.5)
    shifted = apply_hsv(image, shift)
    assert shifted.dtype == np.float32
    for row, column, color in recorded["px"]:
        np.testing.assert_allclose(shifted[row, column], color, atol=PIXEL)
    np.testing.assert_allclose(shifted.mean((0, 1)), recorded["mean"], atol=PIXEL)


@given(st.integers(0, 2**31), st.floats(0.001, 0.3))
def test_a_draw_stays_within_its_power(seed, power):
    shift = draw_hsv(np.random.RandomState(seed), power)
    assert abs(shift.hue) <= max(1, 180 * power)
    assert abs(shift.saturation) <= power / 2
    assert abs(shift.value) <= power / 2


def test_no_shift_changes_next_to_nothing():
    image = np.random.RandomState(0).rand(16, 16, 3).astype(np.float32)
    np.testing.assert_allclose(apply_hsv(image, HsvShift(0, 0, 0)), image, atol=1e-6)


@pytest.mark.parametrize("value", [-1.0, 1.0])
def test_levels_stay_between_black_and_white(value):
    shifted = apply_hsv(np.random.RandomState(0).rand(8, 8, 3).astype(np.float32), HsvShift(90, value, value))
    assert shifted.min() >= 0
    assert shifted.max() <= 1
