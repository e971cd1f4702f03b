"""Proportions of faces."""

import numpy as np
import pytest

from samplers.files.faces import open_faceset
from samplers.geometry.face_shape import proportions


@pytest.fixture(scope="module")
def points(fixtures) -> np.ndarray:
    return open_faceset(fixtures / "samplers/faces")[0].landmarks[None]


AHEAD = np.zeros((1, 2))


def test_a_turned_grown_and_moved_face_keeps_its_proportions(points):
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    moved = 3 * points @ turn + 40
    assert proportions(moved, AHEAD) == pytest.approx(proportions(points, AHEAD))


def test_a_face_drawn_wider_is_wider_by_as_much(points):
    upright = points - points.mean(axis=1, keepdims=True)
    wide = upright * [1.2, 1.0]
    assert proportions(wide, AHEAD)["face_width"] > 1.15 * proportions(upright, AHEAD)["face_width"]


def test_faces_that_look_away_do_not_count_where_enough_look_ahead(points):
    faces = np.concatenate([points] * 5 + [points * [0.5, 1.0]] * 20)
    degrees = np.array([[0, 0]] * 5 + [[60, 0]] * 20)
    assert proportions(faces, degrees) == proportions(points, AHEAD)
