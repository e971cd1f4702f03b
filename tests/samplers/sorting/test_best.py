"""The best faces of a set."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from samplers.sorting.best import Candidates, best_faces


def candidates(yaw, sharpness, pitch=None, seed: int = 0) -> Candidates:
    histograms = np.random.RandomState(seed).randint(1, 99, (len(yaw), 1, 256)).astype(np.float32)
    return Candidates(np.array(sharpness), histograms, np.array(yaw), np.zeros(len(yaw)) if pitch is None else pitch)


def test_of_many_faces_that_look_one_way_the_blurred_ones_go():
    sharpness = np.arange(100.0)
    chosen = best_faces(candidates([0.5] * 100, sharpness), target=128)  # one a direction, and one for lacking ones
    assert len(chosen) == 1
    assert sharpness[chosen[0]] >= 90  # among the ten sharpest the one that differs most


def test_a_rare_direction_is_kept_whole():
    yaw = [0.0] * 500 + [1.0, 0.9, -1.0]
    chosen = best_faces(candidates(yaw, np.ones(503)), target=256)
    assert {500, 501, 502} <= set(chosen)
    assert len(chosen) < 20


def test_pitches_take_turns():
    pitch = np.array([0.0] * 50 + [1.0] * 5)
    chosen = best_faces(candidates([0.5] * 55, np.ones(55), pitch), target=512)
    assert {pitch[index] for index in chosen[:2]} == {0.0, 1.0}


@settings(max_examples=30)
@given(st.integers(1, 80), st.integers(1, 3000), st.integers(0, 99))
def test_nobody_is_chosen_twice(count, target, seed):
    random = np.random.RandomState(seed)
    faces = candidates(random.randn(count), random.rand(count), random.randn(count), seed)
    chosen = best_faces(faces, target)
    assert len(chosen) == len(set(chosen)) <= count
    assert chosen
