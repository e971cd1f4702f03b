"""Shrinking, growing and softening masks."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfl_cli.merge.pixels.masks.edges import by_strips, clean, mask_square, shape_edges


def disc(side=64, radius=20):
    y, x = np.mgrid[:side, :side] - side / 2
    return (np.hypot(x, y) < radius).astype(np.float32)


def test_without_erode_and_blur_only_the_range_is_kept():
    mask = disc() * 1.2 - 0.1
    assert np.array_equal(shape_edges(mask, erode=0, blur=0), np.clip(mask, 0, 1))


@pytest.mark.parametrize(("erode", "change"), [(10, -5), (-10, 5), (400, -20)])
def test_erode_moves_the_border_by_half_its_value(erode, change):
    shaped = shape_edges(disc(), erode=erode, blur=0)
    radius = np.sqrt(shaped.sum() / np.pi)
    assert radius == pytest.approx(20 + change, abs=0.8)


@pytest.mark.parametrize("erode", [10, -10, 30, -30, 9])
def test_a_mask_shrinks_and_grows_alike_on_all_sides(erode):
    mask = np.zeros((129, 129), np.float32)
    mask[40:-40, 40:-40] = 1
    shaped = shape_edges(mask, erode=erode, blur=0)
    assert np.array_equal(shaped, shaped[::-1])
    assert np.array_equal(shaped, shaped[:, ::-1])


def test_blur_fades_the_border_and_keeps_the_mask_inside_its_square():
    everything = np.ones((64, 64), np.float32)
    shaped = shape_edges(everything, erode=0, blur=21)
    assert shaped[32, 32] == 1
    assert shaped[0, 32] < 0.05
    assert 0.4 < shaped[10, 32] < 0.6  # half the blur inside


@settings(max_examples=30)
@given(erode=st.integers(-60, 60), blur=st.integers(0, 60), x=st.integers(0, 40), y=st.integers(0, 40))
def test_looking_only_near_the_mask_changes_nothing(erode, blur, x, y):
    mask = np.zeros((64, 64), np.float32)
    mask[y : y + 20, x : x + 24] = 0.9
    np.testing.assert_allclose(
        shape_edges(mask, erode=erode, blur=blur, centered=False),
        shaped_everywhere(mask, erode, blur),
        rtol=0,
        atol=1e-6,
    )


def shaped_everywhere(mask, erode, blur):
    """The five steps of merger.md 4.4 as they are written there."""
    padded = np.pad(mask, 16)
    if erode:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(erode),) * 2)
        padded = cv2.erode(padded, kernel) if erode > 0 else cv2.dilate(padded, kernel)
    rim = 16 + blur // 2
    inner = np.zeros_like(padded)
    inner[rim:-rim, rim:-rim] = padded[rim:-rim, rim:-rim]
    if blur:
        inner = cv2.GaussianBlur(inner, (blur + 1 - blur % 2,) * 2, 0)
    return np.clip(inner[16:-16, 16:-16], 0, 1)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 8, 11, 30, 61])
@pytest.mark.parametrize(("shrink", "filtered"), [(True, cv2.erode), (False, cv2.dilate)])
def test_the_quick_ellipse_is_the_one_of_opencv(size, shrink, filtered):
    mask = np.random.default_rng(size).random((50, 70), np.float32)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    assert np.array_equal(by_strips(mask, size, shrink=shrink), filtered(mask, kernel))


def test_an_empty_mask_stays_empty():
    assert not shape_edges(np.zeros((64, 64), np.float32), erode=7, blur=9).any()


def test_a_mask_grows_to_four_times_the_model_and_loses_what_8_bits_cannot_show():
    faint = np.full((16, 16), 0.003, np.float32)
    assert not mask_square(faint, 16).any()
    assert mask_square(disc(16, 5), 16).shape == (64, 64)
    assert clean(np.float32([1 / 255])) > 0
