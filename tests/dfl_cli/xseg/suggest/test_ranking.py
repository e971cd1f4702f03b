"""In which order faces are worth a label."""

import numpy as np
import pytest

from dfl_cli.xseg.suggest.ranking import Doubts, Looks, rank

NAN = float("nan")


def faces(*yaws: float) -> Looks:
    """Faces that differ in their yaw alone."""
    return Looks(np.array([(yaw, 0.0) for yaw in yaws]), np.zeros((len(yaws), 4), np.float32))


def order(looks: Looks, known=(), count=9, doubts=None) -> list[int]:
    candidates = set(range(len(looks.directions))) - set(known)
    return [one.index for one in rank(looks, known, sorted(candidates), count=count, doubts=doubts)]


def doubts(uncertainty, flicker=None) -> Doubts:
    return Doubts(np.array(uncertainty, float), np.array(flicker or [NAN] * len(uncertainty), float))


def test_without_labels_the_most_typical_face_is_the_first_and_the_most_different_the_second():
    assert order(faces(-5, 0, 5, 6, 60), count=2) == [2, 4]


def test_what_is_least_like_the_labeled_faces_comes_first():
    assert order(faces(0, 10, 20, -50), known=[0]) == [3, 2, 1]


def test_suggestions_differ_from_one_another():
    assert order(faces(0, 60, 61, 62, -40), known=[0], count=2) == [3, 4]


def test_the_picture_counts_as_well_as_the_direction():
    looks = faces(0, 0, 0)
    looks.pictures[2] = 1.0
    assert order(looks, known=[0], count=1) == [2]


def test_of_equally_new_faces_the_one_the_network_doubts_comes_first():
    assert order(faces(0, 40, -40), known=[0], doubts=doubts([0.1, 0.1, 0.5]), count=1) == [2]
    assert order(faces(0, 40, -40), known=[0], doubts=doubts([0.1, 0.5, 0.1]), count=1) == [1]


def test_of_equally_doubtful_faces_the_one_that_flickers_comes_first():
    assert order(faces(0, 40, -40), known=[0], doubts=doubts([0.3] * 3, [0, 0.0, 0.2]), count=1) == [2]


def test_a_network_that_is_sure_everywhere_does_not_hide_new_faces():
    assert order(faces(0, 1, 80), known=[0], doubts=doubts([0, 0.01, 0]), count=1) == [2]


def test_a_face_like_a_labeled_one_is_last_however_doubtful():
    assert order(faces(0, 0, 30, -30), known=[0], doubts=doubts([0.1, 0.9, 0.2, 0.1]))[-1] == 1


def test_what_is_not_known_counts_as_usual():
    known = doubts([0.2, NAN, 0.4, 0.0], [0.0, NAN, 0.15, 0.0])
    assert order(faces(0, 40, -40, 41), known=[0], doubts=known, count=2) == [2, 1]


@pytest.mark.parametrize("count", [0, 3, 9])
def test_no_more_come_than_there_are_or_are_wanted(count):
    assert len(order(faces(0, 10, 20, 30), known=[1], count=count)) == min(count, 3)
    assert order(faces(), count=count) == []
