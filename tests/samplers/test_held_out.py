"""Every K-th face held out: the rest is trained on, and nothing is in both."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samplers.files.faces import yaws
from samplers.held_out import held_out, trained_on


@given(st.integers(0, 300), st.one_of(st.just(0), st.integers(2, 50)))
def test_each_face_is_on_one_side(count, every):
    faces = list(range(count))
    trained, unseen = list(trained_on(faces, every)), list(held_out(faces, every))
    assert sorted(trained + unseen) == faces
    assert trained == sorted(trained) and unseen == sorted(unseen)
    assert len(unseen) == (count // every if every and count > every else 0)


def test_too_small_a_set_is_trained_on_whole():
    assert list(trained_on([1, 2, 3], 3)) == [1, 2, 3]


class Turned(list):
    """Faces that know where they look."""

    def yaws(self):
        return np.arange(len(self)) / 10


def test_head_directions_are_those_of_the_faces_that_are_left():
    np.testing.assert_allclose(yaws(trained_on(Turned("abcdef"), 3)), [0, 0.1, 0.3, 0.4])
    np.testing.assert_allclose(yaws(held_out(Turned("abcdef"), 3)), [0.2, 0.5])


def test_a_part_is_read_like_a_list():
    part = trained_on(list("abcdefgh"), 4)
    assert (part[0], part[-1], part[2:4]) == ("a", "g", ["c", "e"])
    with pytest.raises(IndexError):
        part[6]
