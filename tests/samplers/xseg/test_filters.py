"""Filters of XSeg's training pictures: the reference's draws and pixels, and what holds for any picture."""

import json

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closeness import FEW, assert_same_pixels
from samplers.xseg import filters

FILTERS = {
    "rgb_levels": filters.draw_levels,
    "hsv_shift": filters.draw_hsv_shift,
    "sharpen": filters.draw_sharpen,
    "motion_blur": filters.draw_motion_blur,
    "gaussian_blur": filters.draw_gaussian_blur,
    "nearest_resize": filters.draw_nearest_resize,
    "bilinear_resize": filters.draw_linear_resize,
    "jpeg_compress": filters.draw_jpeg,
}
NEXT = 2**31  # the bound of the number that is recorded after each filter
LEVEL = 1 / 255
TOLERANCE = {
    "jpeg_compress": {"few": FEW, "few_within": 2 * LEVEL},  # another JPEG library
    "sharpen": {"within": 1e-5},  # multiplies the last bit of a blurred picture by up to 26
}


class Recorded:
    """What a folder has recorded: every pixel in ../shared, every second one in the repository."""

    def __init__(self, folder):
        self.arrays = np.load(folder / "filters.npz")
        self.facts = json.loads((folder / "filters.json").read_text())

    def check(self, name: str, ours: np.ndarray, rng: np.random.RandomState, **tolerance) -> None:
        step = ours.shape[0] // self.arrays[name].shape[0]
        assert_same_pixels(ours[::step, ::step], self.arrays[name], err_msg=name, **tolerance)
        if "next_randint" in self.facts[name]:
            assert rng.randint(NEXT) == self.facts[name]["next_randint"]  # exactly as many numbers were drawn


@pytest.fixture(scope="module", params=["repository", "shared"])
def recorded(request):
    return Recorded(
        request.getfixturevalue("fixtures" if request.param == "repository" else "recorded_folder") / "xseg"
    )


@pytest.fixture(scope="module")
def recorded_folder(shared):
    return shared / "fixtures"


@pytest.mark.parametrize("filter_name", FILTERS)
def test_filters_are_the_references(recorded, filter_name):
    image = recorded.arrays["input"].astype(np.float32) / 255
    names = [name for name in recorded.facts if name.rpartition("_s")[0] == filter_name]
    assert len(names) >= 3
    for name in names:
        rng, fact = np.random.RandomState(int(name[-1])), recorded.facts[name]
        changed = FILTERS[filter_name](rng, *fact["args"])(image)
        if fact["mask"]:
            changed = filters.within(image, changed, recorded.arrays["circle_mask"])
        assert changed.dtype == np.float32
        recorded.check(name, changed, rng, **TOLERANCE.get(filter_name, {}))


def test_circles_are_the_references(recorded):
    names = [name for name in recorded.facts if name.startswith("circle")]
    assert len(names) >= 7
    for name in names:
        rng = np.random.RandomState(int(name[-1]))
        side = recorded.facts[name].get("wh", [64])[0]
        recorded.check(name, filters.draw_circle(rng, side).mask(side), rng)


@settings(max_examples=40)
@given(
    filter_name=st.sampled_from(sorted(FILTERS)),
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    chance=st.integers(0, 100),
)
def test_any_picture_keeps_its_size_and_the_one_that_is_given_does_not_change(filter_name, seed, height, width, chance):
    image = np.random.default_rng(seed).random((height, width, 3), np.float32)
    before = image.copy()
    arguments = {"rgb_levels": (), "hsv_shift": (), "jpeg_compress": (chance,)}.get(filter_name, (chance, 5))
    change = FILTERS[filter_name](np.random.RandomState(seed), *arguments)
    if change is not None:
        changed = change(image)
        assert changed.shape == image.shape
        assert np.isfinite(changed).all()
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("filter_name", sorted(set(FILTERS) - {"rgb_levels", "hsv_shift"}))
def test_a_chance_of_0_leaves_every_filter_out(filter_name):
    arguments = (0,) if filter_name == "jpeg_compress" else (0, 5)
    assert all(FILTERS[filter_name](np.random.RandomState(seed), *arguments) is None for seed in range(20))


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), side=st.integers(1, 64))
def test_a_circle_is_brightest_at_its_center(seed, side):
    circle = filters.draw_circle(np.random.RandomState(seed), side)
    mask = circle.mask(side)
    assert mask.shape == (side, side, 1)
    assert mask.min() >= 0
    assert mask.max() == mask[circle.row, circle.column] == 1


def test_a_smaller_picture_enlarged_again_has_lost_its_finest_pattern():
    checkers = np.indices((64, 64)).sum(axis=0)[..., None] % 2 * np.ones(3, np.float32)
    smaller = next(filter(None, (filters.draw_linear_resize(np.random.RandomState(s), 100, 75) for s in range(9))))
    assert smaller(checkers.astype(np.float32)).std() < checkers.std() / 2


def test_jpeg_of_low_quality_is_made_of_blocks():
    noise = cv2.GaussianBlur(np.random.default_rng(0).random((64, 64, 3), np.float32), (5, 5), 0)
    change = next(
        c for c in (filters.draw_jpeg(np.random.RandomState(s), 100) for s in range(99)) if c.keywords["quality"] < 15
    )
    steps = np.abs(np.diff(change(noise)[..., 1], axis=1)).mean(axis=0)
    assert steps[7::8].mean() > 1.5 * np.delete(steps, np.s_[7::8]).mean()
