"""Smoothed landmarks tremble less where the face is still and stay where they are where it moves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfl_cli.extract.people.smoothing import eye_distances, smoothed
from drawn_tracks import shape
from samplers.geometry.landmarks import LEFT_EYE, RIGHT_EYE

NOISE = 0.006  # per coordinate in eye distances, about what the mesh has


def eyes() -> float:
    """Their distance in pixels."""
    return float(eye_distances(shape()[None])[0])


def path(length, velocity=0.0, acceleration=0.0):
    """(T, 68, 2): a face that moves to the right; per frame, in eye distances."""
    time = np.arange(length, dtype=float)
    way = eyes() * (velocity * time + acceleration * time**2 / 2)
    return shape() + np.stack([way, 0 * time], axis=1)[:, None] + 300


def trembling(truth, amount=NOISE, seed=0):
    return truth + np.random.default_rng(seed).normal(0, amount * eyes(), truth.shape)


def jitter(points):
    return np.linalg.norm(points[2:] - 2 * points[1:-1] + points[:-2], axis=2).mean() / eyes()


def error(points, truth):
    return np.linalg.norm(points - truth, axis=2).mean() / eyes()


def run(points):
    return smoothed(points, range(len(points)))


def test_a_still_face_trembles_less_than_half_as_much():
    seen = trembling(path(60))
    assert jitter(run(seen)) < 0.45 * jitter(seen)
    assert error(run(seen), path(60)) < 0.7 * error(seen, path(60))


@pytest.mark.parametrize("velocity", [0.01, 0.05, 0.2, 0.5])
def test_a_moving_face_is_not_held_back(velocity):
    truth = path(40, velocity)
    assert error(run(trembling(truth)), truth) <= error(trembling(truth), truth)


@pytest.mark.parametrize("acceleration", [0.002, 0.01, 0.03])
def test_nor_one_that_gets_faster(acceleration):
    truth = path(40, 0, acceleration)
    assert error(run(trembling(truth)), truth) <= error(trembling(truth), truth)


def test_a_nod_is_followed():
    time = np.arange(60)
    truth = shape() + 300 + np.stack([0 * time, 0.4 * eyes() * np.sin(time / 4)], axis=1)[:, None]
    assert error(run(trembling(truth)), truth) <= error(trembling(truth), truth)


def test_a_start_out_of_rest_is_not_blurred():
    time = np.maximum(np.arange(40) - 20, 0)
    truth = shape() + 300 + np.stack([0.3 * eyes() * time, 0 * time], axis=1)[:, None]
    assert np.linalg.norm(run(truth) - truth, axis=2).max() < 0.01 * eyes()


def test_a_blink_stays_a_blink_while_the_head_is_still():
    truth = path(30)
    for part in (RIGHT_EYE, LEFT_EYE):
        middle = truth[0, part, 1].mean()
        truth[14:17, part, 1] += 0.9 * (middle - truth[14:17, part, 1])
    seen = run(trembling(truth))

    def opening(points):
        return np.ptp(points[:, RIGHT_EYE, 1], axis=1)

    assert opening(seen)[15] < 0.35 * opening(truth)[0]
    assert opening(seen)[12] > 0.8 * opening(truth)[0]


@settings(max_examples=25, deadline=None)
@given(
    st.integers(3, 12),
    st.floats(-3, 3),
    st.floats(-0.5, 0.5),
    st.floats(0.1, 20),
    st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
    st.integers(0, 99),
)
def test_place_size_and_direction_of_time_change_nothing(length, velocity, acceleration, scale, shift, seed):
    seen = trembling(path(length, velocity, acceleration), seed=seed)
    found = run(seen)
    assert np.allclose(run(seen * scale + shift), found * scale + shift, atol=1e-5 * scale * eyes())
    assert np.allclose(run(seen[::-1])[::-1], found, atol=1e-6 * eyes())
    assert np.isfinite(found).all()


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, 60), min_size=3), st.floats(-0.3, 0.3))
def test_missing_frames_do_not_move_a_steady_face(times, velocity):
    times = sorted(times)
    truth = path(61, velocity)[times]
    assert np.allclose(smoothed(truth, times), truth, atol=0.01 * eyes())


@pytest.mark.parametrize("length", [1, 2])
def test_a_track_of_one_or_two_frames_stays(length):
    seen = trembling(path(length))
    assert np.array_equal(run(seen), seen)


def test_points_without_any_size_end_well():
    assert np.isfinite(run(np.zeros((10, 68, 2)))).all()
