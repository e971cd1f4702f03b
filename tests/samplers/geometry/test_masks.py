"""Masks from landmarks against recorded ones."""

import json
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closeness import assert_same_pixels
from samplers.geometry.align import transform_matrix, transform_points
from samplers.geometry.face_types import FaceType
from samplers.geometry.masks import blurred_hull, eyes_mask, eyes_mouth_mask, hull_mask, mouth_mask

SHAPE = (256, 256)


@pytest.fixture(scope="module")
def recorded(fixtures):
    return np.load(fixtures / "samplers" / "geometry.npz")


@pytest.fixture(scope="module")
def golden(fixtures):
    return json.loads((fixtures / "samplers" / "golden.json").read_text())


@pytest.mark.parametrize("face", ["lm0", "lm1", "lm2"])
def test_masks_are_the_references(recorded, face):
    landmarks = recorded[face]
    hull = hull_mask(landmarks, SHAPE)
    assert_same_pixels(hull, recorded[f"{face}_hull"])
    assert_same_pixels(hull_mask(landmarks, SHAPE, eyebrows_expand_mod=0.5), recorded[f"{face}_hull_brow05"])
    assert_same_pixels(eyes_mask(landmarks, SHAPE), recorded[f"{face}_eye"])
    assert_same_pixels(mouth_mask(landmarks, SHAPE), recorded[f"{face}_mouth"])
    both = eyes_mouth_mask(landmarks, SHAPE) * hull
    assert_same_pixels(both, recorded[f"{face}_eyes_mouth_clipped_by_hull"])
    large = eyes_mask(landmarks * 2, (512, 512))
    assert_same_pixels(large[100:400:3, 100:400:3], recorded[f"{face}_eye_512"])


def test_hulls_of_four_more_faces_have_the_recorded_checksums(golden):
    """Hulls are drawn between whole pixels, and no landmark lies within 0.001 of an edge between two."""
    for face in golden["faces"]:
        aligned = transform_points(face["landmarks"], transform_matrix(face["landmarks"], 256, FaceType.WHOLE))
        for amount in (1.0, 1.5):
            mask = hull_mask(aligned, SHAPE, eyebrows_expand_mod=amount)
            assert zlib.crc32(mask.astype(np.uint8)) == face["masks_wf_256"][f"hull_mod{amount}"]["crc32_u8"]
        for name, mask in (("eyes", eyes_mask(aligned, SHAPE)), ("mouth", mouth_mask(aligned, SHAPE))):
            assert mask.sum() == pytest.approx(face["masks_wf_256"][name]["sum"], rel=1e-5)


def test_the_blurred_hull_has_the_recorded_sum(golden):
    face = golden["faces"][0]
    aligned = transform_points(face["landmarks"], transform_matrix(face["landmarks"], 256, FaceType.FULL))
    blurred = blurred_hull(hull_mask(aligned, SHAPE))
    expected = golden["blur_hull_face0_full256"]
    assert blurred.shape == tuple(expected["shape"])
    assert blurred.sum() == pytest.approx(expected["sum"], abs=0.5)


def test_an_empty_hull_blurs_to_an_empty_one():
    assert blurred_hull(np.zeros((64, 64, 1), np.float32)).sum() == 0


@settings(max_examples=30)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 1000))
def test_a_mask_of_any_size_down_to_one_pixel_lies_between_0_and_1(height, width, seed):
    landmarks = np.random.default_rng(seed).uniform(-0.2, 1.2, (68, 2)) * (width, height)
    for mask in (hull_mask(landmarks, (height, width)), eyes_mouth_mask(landmarks, (height, width))):
        assert mask.shape == (height, width, 1)
        assert mask.dtype == np.float32
        assert mask.min() >= 0
        assert mask.max() <= 1


def test_the_mouth_lies_below_the_eyes(recorded):
    landmarks = recorded["lm0_aligned_wf256"]
    eyes, mouth = cv2.moments(eyes_mask(landmarks, SHAPE)), cv2.moments(mouth_mask(landmarks, SHAPE))
    assert mouth["m01"] / mouth["m00"] > eyes["m01"] / eyes["m00"] + 30  # rows


def test_exact_masks_keep_the_fractions_of_landmarks(recorded):
    """On the mean over many places, as a filled outline jumps by whole pixels; compared in eight times the size."""
    landmarks = recorded["lm0_aligned_wf256"].astype(np.float64)
    exact, truncated = [], []
    for shift in np.random.default_rng(0).uniform(0, 1, (24, 2)):
        fine = hull_mask((landmarks + shift) * 8 + 3.5, (2048, 2048), exact=True)
        truth = middle(cv2.resize(fine, SHAPE, interpolation=cv2.INTER_AREA))
        exact.append(middle(hull_mask(landmarks + shift, SHAPE, exact=True)) - truth)
        truncated.append(middle(hull_mask(landmarks + shift, SHAPE)) - truth)
    assert np.mean(exact, axis=0) == pytest.approx((0, 0), abs=0.06)
    assert (np.mean(truncated, axis=0) < -0.4).all()  # the reference


def middle(mask):
    """x and y of the center of a mask (H, W)."""
    moments = cv2.moments(mask)
    return np.array([moments["m10"], moments["m01"]]) / moments["m00"]
