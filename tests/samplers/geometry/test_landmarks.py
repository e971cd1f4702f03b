"""Landmarks: mirroring and wider brows."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from closeness import FLOAT64, assert_same_numbers
from samplers.geometry.landmarks import WrongLandmarks, expand_eyebrows, landmark_fault, mirror


@pytest.fixture(scope="module")
def recorded(fixtures):
    return np.load(fixtures / "samplers" / "geometry.npz")


@pytest.mark.parametrize("face", ["lm0", "lm1", "lm2"])
def test_brows_and_mirrored_points_are_the_references(recorded, face):
    np.testing.assert_array_equal(expand_eyebrows(recorded[face]), recorded[f"{face}_expand_eyebrows"])
    aligned = recorded[f"{face}_aligned_wf256"]
    assert_same_numbers(mirror(aligned, 256), recorded[f"{face}_mirror256"], step=FLOAT64)


@given(st.integers(1, 4000), st.integers(0, 2**31))
def test_a_mirror_of_a_mirror_is_the_face_itself(width, seed):
    landmarks = np.random.default_rng(seed).uniform(0, width, (68, 2))
    np.testing.assert_allclose(mirror(mirror(landmarks, width), width), landmarks, atol=1e-9)


def test_brows_rise_as_told_and_stay_at_amount_zero(recorded):
    landmarks = recorded["lm0"]
    still, half, full = (expand_eyebrows(landmarks, amount)[17:27, 1].mean() for amount in (0, 0.5, 1))
    assert still == landmarks.astype(int)[17:27, 1].mean()
    assert full < half < still


def test_five_landmarks_are_refused_by_their_shape():
    with pytest.raises(WrongLandmarks) as caught:
        mirror(np.zeros((5, 2)), 256)
    assert caught.value.shape == (5, 2)


def test_the_tables_of_the_package_are_those_of_the_specification(shared):
    from samplers.geometry.landmarks import head_model, hull_parts, mean_face

    table = json.loads((shared / "spec" / "face_geometry.json").read_text())
    np.testing.assert_array_equal(mean_face()[1], np.float32(table["mean_face_33"]["xy"]))
    np.testing.assert_array_equal(head_model()[0], table["pnp_index"])
    assert len(hull_parts()) == 8


@pytest.mark.parametrize("face", ["lm0", "lm1", "lm2"])
def test_recorded_faces_have_no_fault_in_any_crop(recorded, face):
    assert landmark_fault(recorded[face]) is None
    assert landmark_fault(recorded[f"{face}_aligned_wf256"], (256, 256)) is None
    assert landmark_fault(recorded[f"{face}_aligned_wf256"] * 2 - 128, (256, 256)) is None  # as in a half face


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda points: points * 0 + 30, "they lie in one place"),
        (lambda points: points * (1, 0), "they lie on one line"),
        (lambda points: points @ ((1, 1), (1, 1)) / 2, "they lie on one line"),
        (lambda points: np.where(points > 100, np.nan, points), "they are not finite numbers"),
        (lambda points: points - np.inf, "they are not finite numbers"),
        (lambda points: points + 2000, "they lie outside the image"),
        (lambda points: points - (200, 0), "they lie outside the image"),
        (lambda points: points + np.eye(68, 2) * 2000, "they lie outside the image"),
        (lambda points: points * 1e30, "they lie outside the image"),
    ],
)
def test_landmarks_around_which_nothing_can_be_cut_are_found(recorded, change, fault):
    assert landmark_fault(change(recorded["lm0_aligned_wf256"]), (256, 256)) == fault
