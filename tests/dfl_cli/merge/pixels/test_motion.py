"""How a face moves through the frames."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfl_cli.merge.pixels.motion import face_center, jumps, motion_between, smoothing_weights


def test_the_power_is_the_way_of_the_center_in_pixels(recorded):
    power, angle = motion_between(recorded.landmarks, recorded.landmarks + np.float32((16, 0)))
    assert power == pytest.approx(16, abs=1e-3)
    assert angle == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize(("way", "angle"), [((0, -5), 90), ((0, 5), -90), ((-5, 0), 180), ((3, -3), 45)])
def test_the_angle_counts_from_the_right_against_the_clock(recorded, way, angle):
    found = motion_between(recorded.landmarks, recorded.landmarks + np.float32(way)).angle
    assert abs(found) == pytest.approx(180, abs=1e-2) if abs(angle) == 180 else found == pytest.approx(angle, abs=1e-2)


def test_a_face_at_rest_has_no_power(recorded):
    assert motion_between(recorded.landmarks, recorded.landmarks) == (0, 0)


def test_a_face_that_only_grows_hardly_moves(recorded):
    grown = face_center(recorded.landmarks) + 1.1 * (recorded.landmarks - face_center(recorded.landmarks))
    assert motion_between(recorded.landmarks, grown.astype(np.float32)).power < 0.5


def test_the_face_of_another_shot_is_told_from_one_that_moves(recorded):
    assert not jumps(recorded.landmarks, recorded.landmarks + 5)
    assert jumps(recorded.landmarks, recorded.landmarks + np.ptp(recorded.landmarks))
    assert jumps(recorded.landmarks, recorded.landmarks * 3)


@given(before=st.integers(0, 6), after=st.integers(0, 6), degree=st.integers(1, 2))
def test_smoothing_leaves_a_steady_motion_alone(before, after, degree):
    offsets = np.arange(-before, after + 1)
    weights = smoothing_weights(offsets, 6, degree=degree)
    assert weights.sum() == pytest.approx(1)
    assert weights @ (7 + 3 * offsets) == pytest.approx(7)


def test_smoothing_of_degree_two_leaves_an_acceleration_alone_and_degree_one_does_not():
    offsets = np.arange(-4, 5)
    assert smoothing_weights(offsets, 4, degree=2) @ offsets**2 == pytest.approx(0, abs=1e-9)
    assert smoothing_weights(offsets, 4, degree=1) @ offsets**2 > 1


def test_smoothing_makes_noise_smaller_and_counts_near_frames_most():
    weights = smoothing_weights(np.arange(-4, 5), 4, degree=1)
    assert np.sum(weights**2) < 0.2
    assert weights.argmax() == 4
