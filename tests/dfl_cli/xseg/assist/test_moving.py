"""Polygons move along with the face they were drawn on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfl_cli.xseg.assist.hull import hull_polygon, is_on_hull, labels_on_hull
from dfl_cli.xseg.assist.moving import copy_labels, copy_polygons
from dfl_cli.xseg.assist.outlines import filled, iou
from samplers.files.faces import open_faceset
from samplers.geometry.polygons import Polygon, PolygonType

HAND = Polygon(PolygonType.EXCLUDE, np.float32([(60, 150), (150, 170), (120, 250), (-20, 240)]))


@pytest.fixture(scope="module")
def faces(fixtures):
    return open_faceset(fixtures / "formats")


@pytest.fixture(scope="module")
def landmarks(faces):
    return faces[0].landmarks


def test_on_the_same_face_everything_stays(landmarks):
    (copy,) = copy_polygons([HAND], landmarks, landmarks)
    assert copy.type == HAND.type
    np.testing.assert_allclose(copy.points, HAND.points, atol=1e-3)
    assert copy_polygons([], landmarks, landmarks) == []


@given(st.floats(-1, 1), st.floats(0.3, 4), st.tuples(st.floats(-300, 300), st.floats(-300, 300)), st.floats(-0.4, 0.4))
@settings(max_examples=60, deadline=None)
def test_turned_scaled_shifted_and_sheared_faces_take_their_polygons_along(faces, angle, scale, shift, shear):
    landmarks = faces[0].landmarks
    turn = scale * np.float64([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle) + shear]])
    (copy,) = copy_polygons([HAND], landmarks, landmarks @ turn.T + shift)
    np.testing.assert_allclose(copy.points, HAND.points @ turn.T + shift, atol=0.01)


def test_a_mouth_that_opens_takes_only_what_is_near_along(landmarks):
    opened = landmarks.copy()
    opened[48:68] += (0, 12)  # the lips
    lips = Polygon(PolygonType.INCLUDE, np.float32(landmarks[48:60]))
    brow = Polygon(PolygonType.INCLUDE, np.float32(landmarks[17:22] - (0, 10)))
    moved_lips, moved_brow = copy_polygons([lips, brow], landmarks, opened)
    assert (moved_lips.points - lips.points)[:, 1].mean() > 7
    assert np.abs(moved_brow.points - brow.points).max() < 1.5


@pytest.mark.parametrize("bad", [np.s_[:17], np.s_[::6], np.s_[60:]])
def test_landmarks_that_went_astray_hardly_matter(landmarks, bad):
    good = landmarks * 0.9 + (8, 15)
    astray = good.copy()
    astray[bad] += (40, -55)
    inner = Polygon(PolygonType.EXCLUDE, np.float32(landmarks[[17, 26, 35, 31]]))
    expected = copy_polygons([inner], landmarks, good)[0].points
    np.testing.assert_allclose(copy_polygons([inner], landmarks, astray)[0].points, expected, atol=0.5)


@pytest.mark.parametrize("none", [np.zeros((68, 2)), np.full((68, 2), np.nan), np.c_[np.arange(68), np.arange(68)]])
def test_where_there_is_no_face_nothing_moves(landmarks, none):
    assert copy_polygons([HAND], landmarks, none) == [HAND]
    assert copy_polygons([HAND], none, landmarks) == [HAND]


def test_marks_on_the_hull_get_the_hull_of_the_other_face(faces):
    """As long as nobody edited the hull."""
    one, other = faces[0].read_info(), faces[2].read_info()
    labels = labels_on_hull([HAND], one.landmarks, eyebrows_expand_mod=one.eyebrows_expand_mod)
    copies = copy_labels(labels, one, other)
    assert is_on_hull(copies, other.landmarks, eyebrows_expand_mod=other.eyebrows_expand_mod)
    (hand,) = copy_polygons([HAND], one.landmarks, other.landmarks)
    np.testing.assert_array_equal(copies[1].points, hand.points)
    edited = [Polygon(PolygonType.INCLUDE, labels[0].points[:-1]), HAND]
    (outline, _) = copy_labels(edited, one, other)
    assert len(outline.points) == len(edited[0].points)


def test_a_talking_head_keeps_its_outline(shared):
    """The outline of one face copied to another, 20 frames later, against the outline of that one."""
    faces = list(open_faceset(shared / "data" / "man_b" / "aligned"))
    found = []
    for one, other in zip(faces[0:-20:20], faces[20::20], strict=False):
        (copy,) = copy_polygons([hull_polygon(one.landmarks)], one.landmarks, other.landmarks)
        expected = filled(hull_polygon(other.landmarks).points, other.shape)
        found.append(iou(filled(copy.points, other.shape), expected))
    assert np.mean(found) >= 0.97
    assert min(found) >= 0.93
