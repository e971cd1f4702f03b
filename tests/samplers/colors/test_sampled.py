"""The fast forms of idt and sot against the exact ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samplers.colors.sampled import sampled
from samplers.colors.transfer import color_transfer, masked_color_transfer, transfer
from samplers.files.faces import open_faceset
from samplers.prepared_face import prepare_reference
from samplers.scratch import Scratch


@pytest.fixture(scope="module")
def pictures(fixtures):
    faces = open_faceset(fixtures / "samplers" / "faces")
    return [prepare_reference(face, 128, smooth=False) for face in faces]


def fast(mode, image, reference, *, seed=0):
    parts = transfer(mode, exact=False)
    rng = np.random.RandomState(seed)
    return np.clip(parts.apply(parts.image_stats(image), parts.reference_stats(reference), rng, Scratch()), 0, 1)


def exact(mode, image, reference, *, seed=0):
    return color_transfer(mode, image, reference, rng=np.random.RandomState(seed))


def levels(one, other) -> float:
    """Mean difference in 8-bit levels."""
    return float(np.abs(one - other).mean() * 255)


@pytest.mark.parametrize(("mode", "near"), [("idt", 2.0), ("sot", 1.0)])
def test_the_fast_form_comes_close_to_the_exact_one(pictures, mode, near):
    image, reference = pictures[0], np.float32(pictures[2][::-1] ** 1.4 * [0.9, 1.0, 0.8])
    wanted = exact(mode, image, reference)
    assert levels(fast(mode, image, reference), wanted) < near
    assert levels(image, wanted) > 8 * near


def test_sampled_sot_is_as_near_as_another_draw_of_exact_sot(pictures):
    image, reference = pictures[1], np.float32(pictures[3] * 0.6 + 0.3)
    wanted = exact("sot", image, reference)
    assert levels(fast("sot", image, reference), wanted) < 2 * levels(exact("sot", image, reference, seed=1), wanted)


@pytest.mark.parametrize("mode", ["sot-m", "mix-m"])
def test_a_merged_face_is_as_near_as_another_draw_of_the_exact_form(pictures, mode):
    image, reference = pictures[0], np.float32(pictures[2][::-1] ** 1.4 * [0.9, 1.0, 0.8])
    mask = np.zeros_like(image[..., :1])
    mask[10:110, 20:100] = 1

    def merged(*, seed: int, exact: bool):
        rng = np.random.RandomState(seed)
        return masked_color_transfer(mode, image, reference, mask=mask, rng=rng, exact=exact)[10:110, 20:100]

    wanted = merged(seed=0, exact=True)
    assert levels(merged(seed=0, exact=False), wanted) < 1.5 * levels(merged(seed=1, exact=True), wanted)
    assert levels(image[10:110, 20:100], wanted) > 10


def test_the_linear_transfers_know_one_form_only(pictures):
    for mode in ("rct", "lct", "mkl"):
        np.testing.assert_array_equal(fast(mode, *pictures[:2]), exact(mode, *pictures[:2]))


@given(
    side=st.sampled_from([16, 64, 96, 100]), kind=st.sampled_from(["flat", "grey", "noise"]), seed=st.integers(0, 99)
)
@settings(max_examples=20)
def test_any_two_pictures_give_a_picture(side, kind, seed):
    rng = np.random.default_rng(seed)
    noise = rng.random((side, side, 3), np.float32)
    image = {"flat": np.full_like(noise, 0.4), "grey": np.repeat(noise[..., :1], 3, 2), "noise": noise}[kind]
    for mode in ("idt", "sot"):
        for one, other in ((image, noise), (noise, image)):
            result = fast(mode, one, other)
            assert result.shape == one.shape
            assert result.dtype == np.float32
            assert 0 <= result.min() <= result.max() <= 1


def test_few_pixels_are_taken_evenly():
    image = np.arange(128 * 128 * 3, dtype=np.float32).reshape(128, 128, 3)
    assert sampled(image).shape == (32, 32, 3)
    assert sampled(image[:20, :20]).shape == (20, 20, 3)
