"""Samples against those of the reference program, and what holds for every sample."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closeness import FEW, PIXEL, assert_same_pixels
from samplers.face_sampler import FaceSampler, smaller_types
from samplers.files.faces import open_faceset
from samplers.geometry.face_types import FaceType
from samplers.spec import SampleSpec

SPEC = SampleSpec(
    resolution=64,
    face_type=FaceType.WHOLE,
    random_flip=True,
    random_warp=True,
    ct_mode="none",
    exact_ct=True,
    random_hsv_power=0.0,
    centered_warp=False,
    smooth_resize=False,
)
# (change to the spec, number of the face, number of the face that lends its colors)
RECORDED = {
    "plain": ({}, 0, None),
    "full": ({"face_type": FaceType.FULL}, 0, None),
    "head_from_wf": ({"face_type": FaceType.HEAD}, 0, None),
    "xseg": ({}, 1, None),
    "nowarp": ({"random_warp": False}, 0, None),
    "rct": ({"ct_mode": "rct"}, 0, 2),
    "lct": ({"ct_mode": "lct"}, 0, 2),
    "hsv01": ({"random_hsv_power": 0.1}, 0, None),
}
LCT = 1e-5  # eigenvectors and roots stand between the pixels
ONE_PLACE = 0.02  # what 1/32 of a pixel changes at an edge


@pytest.fixture(scope="module")
def faces(fixtures):
    return open_faceset(fixtures / "samplers" / "faces")


@pytest.mark.parametrize("seed", [123, 124])
@pytest.mark.parametrize("case", RECORDED)
def test_samples_are_the_references(fixtures, faces, case, seed):
    recorded = np.load(fixtures / "samplers" / "sampleprocessor.npz")
    change, face, reference = RECORDED[case]
    sampler = FaceSampler(dataclasses.replace(SPEC, **change))
    sample_seed = np.random.RandomState(seed).randint(2**31)
    sample = sampler.sample(faces[face], sample_seed, None if reference is None else faces[reference])
    within = LCT if case == "lct" else PIXEL
    for name, array in sample._asdict().items():
        assert array.dtype == np.float32
        expected = recorded[f"{case}_{seed}_{name}"]
        assert_same_pixels(array, expected, within=within, few=FEW, few_within=ONE_PLACE, err_msg=name)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**31 - 1),
    resolution=st.sampled_from([32, 64, 96, 128]),
    face_type=st.sampled_from([FaceType.HALF, FaceType.FULL, FaceType.WHOLE, FaceType.HEAD]),
    random_warp=st.booleans(),
    random_hsv_power=st.sampled_from([0.0, 0.1]),
)
def test_every_sample_lies_between_0_and_1_in_the_shapes_promised(
    faces, seed, resolution, face_type, random_warp, random_hsv_power
):
    spec = dataclasses.replace(
        SPEC, resolution=resolution, face_type=face_type, random_warp=random_warp, random_hsv_power=random_hsv_power
    )
    sample = FaceSampler(spec).sample(faces[3], seed)
    for array, channels in zip(sample, (3, 3, 1, 1), strict=True):
        assert array.shape == (resolution, resolution, channels)
        assert array.min() >= 0
        assert array.max() <= 1 + 1e-6


@settings(max_examples=15)
@given(first=st.integers(0, 2**31 - 1), second=st.integers(0, 2**31 - 1))
def test_a_prepared_face_gives_what_the_face_itself_gives_whatever_was_drawn_before(faces, first, second):
    sampler = FaceSampler(dataclasses.replace(SPEC, random_hsv_power=0.1))
    prepared = sampler.prepare(faces[0])
    sampler.draw(prepared, first)
    for kept, anew in zip(
        sampler.draw(prepared, second), FaceSampler(sampler.spec).sample(faces[0], second), strict=True
    ):
        np.testing.assert_array_equal(kept, anew)


def test_the_mask_moves_with_the_target(faces):
    """Where the mask says face, the picture of the mask itself, moved as a picture, is white too."""
    sampler = FaceSampler(dataclasses.replace(SPEC, resolution=128))
    prepared = sampler.prepare(faces[0])
    painted = prepared._replace(image=np.repeat(prepared.mask, 3, axis=2))
    sample = sampler.draw(painted, 7)
    assert np.abs(sample.target[..., :1] - sample.mask).mean() < 0.01


def test_without_warp_and_colors_the_network_is_shown_the_target(faces):
    sample = FaceSampler(dataclasses.replace(SPEC, random_warp=False)).sample(faces[0], 1)
    np.testing.assert_array_equal(sample.warped, sample.target)


def test_every_color_transfer_is_drawn_from_the_seed_alone(faces):
    for mode in ("rct", "lct", "mkl", "idt", "sot"):
        sampler = FaceSampler(dataclasses.replace(SPEC, ct_mode=mode))
        once, again = (sampler.sample(faces[0], 5, faces[1]) for _ in range(2))
        np.testing.assert_array_equal(once.warped, again.warped)
        assert np.abs(once.target - FaceSampler(SPEC).sample(faces[0], 5).target).mean() > 0.005


def test_faces_that_show_too_little_are_counted_by_type(faces):
    assert smaller_types(faces, FaceType.HEAD) == {FaceType.WHOLE: 4}
    assert not smaller_types(faces, FaceType.FULL)
