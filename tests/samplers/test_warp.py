"""Poses and grids against recorded ones."""

import json

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closeness import FEW, FLOAT32, FLOAT64, assert_same_numbers, assert_same_pixels
from samplers.scratch import Scratch
from samplers.warp import RandomAffine, Ranges, Sampling, centered, draw_affine
from samplers.warp import apply_warp as apply_warp_into
from samplers.warp import draw_grid as draw_grid_in

RANGES = Ranges(rotation=(-10, 10), scale=(-0.15, 0.15), shift=(-0.05, 0.05))
PICTURE = {"sampling": Sampling(cv2.INTER_CUBIC, cv2.BORDER_REPLICATE)}
MASK = {"sampling": Sampling(cv2.INTER_LINEAR, cv2.BORDER_CONSTANT)}


def apply_warp(image, *arguments, **settings):
    out = np.empty_like(image)
    apply_warp_into(image, *arguments, **settings, scratch=Scratch(), out=out)
    return out


def draw_grid(rng, side):
    return draw_grid_in(rng, side, Scratch())


@pytest.fixture(scope="module")
def recorded(fixtures):
    return np.load(fixtures / "samplers" / "warp.npz")


def drawn(side, seed, *, may_flip=True):
    affine = draw_affine(np.random.RandomState(seed), side, RANGES, may_flip=may_flip)
    return affine, draw_grid(np.random.RandomState(seed), side)


@pytest.mark.parametrize("side", [32, 64, 96, 128])
def test_draws_are_the_references(recorded, side):
    for seed in range(4):
        affine, (map_x, map_y) = drawn(side, seed)
        name = f"warp_w{side}_s{seed}"
        assert_same_numbers(affine.matrix, recorded[f"{name}_rmat"], step=FLOAT64)
        assert affine.flip == recorded[f"{name}_w_rw_flip"][2]
        if f"{name}_mapx" in recorded:
            assert_same_numbers(map_x, recorded[f"{name}_mapx"], step=FLOAT32)
            assert_same_numbers(map_y, recorded[f"{name}_mapy"], step=FLOAT32)


@pytest.mark.parametrize(("side", "seeds", "picture"), [(64, range(4), "ct_src"), (32, range(2), "warpin_32")])
def test_moved_pictures_are_the_references(recorded, side, seeds, picture):
    """A side of 32 is moved at 64 and shrunk again."""
    image = recorded[picture]
    mask = np.float32(image[..., 1:2] > 0.5)
    for seed in seeds:
        affine, grid = drawn(side, seed)
        name = f"warp_w{side}_s{seed}"
        both = apply_warp(image, affine, grid, flip=affine.flip, **PICTURE)
        assert_moved_alike(both, recorded[f"{name}_img_warp_transform"])
        moved = apply_warp(image, affine, flip=affine.flip, **PICTURE)
        assert_moved_alike(moved, recorded[f"{name}_img_transform"])
        bent = apply_warp(image, None, grid, flip=False, **PICTURE)
        assert_moved_alike(bent, recorded[f"{name}_img_warp"])
        moved_mask = apply_warp(mask, affine, flip=affine.flip, **MASK)
        assert_moved_alike(moved_mask, recorded[f"{name}_mask_transform_linear_const"])


def assert_moved_alike(ours, recorded):
    assert_same_pixels(ours, recorded, few=FEW, few_within=0.02)


def test_draws_of_an_older_opencv_agree(fixtures):
    for case in json.loads((fixtures / "samplers" / "golden.json").read_text())["warp"]:
        affine, (map_x, _) = drawn(case["w"], case["seed"], may_flip=case["flip_option"])
        assert_same_numbers(affine.matrix, case["rmat"], step=FLOAT64)
        assert affine.flip == case["flip"]
        for row, column, value in case["mapx_samples"]:
            assert map_x[row, column] == pytest.approx(value, abs=1e-4)  # pixels


@settings(max_examples=20)
@given(st.sampled_from([64, 80, 96, 128, 224]), st.integers(0, 2**31 - 1))
def test_a_grid_never_moves_a_pixel_by_more_than_a_quarter_of_the_side_nor_reads_beyond_the_border(side, seed):
    map_x, map_y = draw_grid(np.random.RandomState(seed), side)
    still = np.arange(side) + 0.5
    assert map_x.shape == map_y.shape == (side, side)
    assert np.abs(map_x - still).max() <= side * 0.25
    assert map_x.min() >= 0
    assert map_x.max() <= side


def test_four_in_ten_are_mirrored_and_none_unless_allowed():
    rng = np.random.RandomState(0)
    flips = sum(draw_affine(rng, 64, RANGES, may_flip=True).flip for _ in range(2000))
    assert 720 < flips < 880
    assert not any(draw_affine(rng, 64, RANGES, may_flip=False).flip for _ in range(50))


def test_mirroring_twice_gives_the_picture_back():
    image = np.random.default_rng(0).random((64, 64, 3), np.float32)
    once = apply_warp(image, None, flip=True, **PICTURE)
    np.testing.assert_array_equal(apply_warp(once, None, flip=True, **PICTURE), image)
    assert not np.array_equal(once, image)


def test_a_shift_to_the_right_moves_the_picture_to_the_right():
    image = np.zeros((64, 64, 1), np.float32)
    image[:, 20] = 1
    moved = apply_warp(image, RandomAffine(np.float64([[1, 0, 5], [0, 1, 0]]), flip=False), flip=False, **MASK)
    assert moved[30, 25] == 1


@pytest.mark.parametrize("side", [32, 64, 128])
def test_a_centered_grid_without_noise_leaves_the_picture_as_it_is(side):
    """And the reference's does not: it lies half a pixel off, with black at the edge."""
    width = max(side, 64)
    still = np.tile(np.arange(width, dtype=np.float32) + 0.5, (width, 1))
    maps = still, np.ascontiguousarray(still.T)
    image = np.random.default_rng(0).random((width, width, 3), np.float32)
    sampling = Sampling(cv2.INTER_CUBIC, cv2.BORDER_REPLICATE, grid_border=cv2.BORDER_REPLICATE)
    np.testing.assert_array_equal(apply_warp(image, None, centered(maps), flip=False, sampling=sampling), image)
    assert apply_warp(np.ones_like(image), None, maps, flip=False, **PICTURE)[-1, -1].max() < 0.6
