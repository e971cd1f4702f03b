"""The landmark hull under labels of what covers a face."""

import numpy as np
import pytest

from dfl_cli.xseg.assist.hull import hull_polygon, is_on_hull, labels_on_hull
from dfl_cli.xseg.assist.outlines import filled, iou
from samplers.files.faces import open_faceset
from samplers.geometry.masks import hull_mask
from samplers.geometry.polygons import Polygon, PolygonType, overlay


@pytest.fixture(scope="module")
def faces(fixtures):
    return open_faceset(fixtures / "formats")


@pytest.mark.parametrize("brows", [0.0, 1.0, 2.0])
def test_a_few_points_fill_what_the_hull_mask_fills(faces, brows):
    for face in faces:
        hull = hull_polygon(face.landmarks, eyebrows_expand_mod=brows)
        mask = hull_mask(face.landmarks, face.shape, eyebrows_expand_mod=brows)[..., 0] > 0
        assert hull.type == PolygonType.INCLUDE
        assert len(hull.points) <= 24
        assert iou(filled(hull.points, face.shape), mask) >= 0.99


def test_real_faces_too(shared):
    for face in list(open_faceset(shared / "data" / "man_b" / "aligned"))[::15]:
        mask = hull_mask(face.landmarks, face.shape, eyebrows_expand_mod=face.eyebrows_expand_mod)[..., 0] > 0
        hull = hull_polygon(face.landmarks, eyebrows_expand_mod=face.eyebrows_expand_mod)
        assert iou(filled(hull.points, face.shape), mask) >= 0.99


def test_a_chin_below_the_picture_is_outlined_there(faces):
    low = faces[0].landmarks + np.float64((0, 120))
    hull = hull_polygon(low)
    assert hull.points[:, 1].max() > faces[0].shape[0]
    assert iou(filled(hull.points, faces[0].shape), hull_mask(low, faces[0].shape)[..., 0] > 0) >= 0.985


def test_a_hand_marked_alone_is_cut_from_the_hull(faces):
    face = faces[0]
    hand = np.float32([(100, 100), (150, 100), (150, 150), (100, 150)])
    labels = labels_on_hull([Polygon(PolygonType.EXCLUDE, hand)], face.landmarks)
    assert [each.type for each in labels] == [PolygonType.INCLUDE, PolygonType.EXCLUDE]
    mask = overlay(labels, np.zeros((*face.shape, 1), np.float32))[..., 0]
    expected = hull_mask(face.landmarks, face.shape)[..., 0]
    expected[100:151, 100:151] = 0
    assert iou(mask > 0, expected > 0) >= 0.985


def test_labels_on_the_hull_are_recognized_until_the_hull_is_edited(faces):
    face = faces[1]
    hand = Polygon(PolygonType.EXCLUDE, np.float32([(1, 2), (30, 4), (5, 60)]))
    labels = labels_on_hull([hand], face.landmarks, eyebrows_expand_mod=0.5)
    assert is_on_hull(labels, face.landmarks, eyebrows_expand_mod=0.5)
    assert not is_on_hull(labels, face.landmarks, eyebrows_expand_mod=1.0)
    edited = [Polygon(PolygonType.INCLUDE, labels[0].points + np.float32((0, 1))), hand]
    assert not is_on_hull(edited, face.landmarks, eyebrows_expand_mod=0.5)
    assert not is_on_hull([hand], face.landmarks, eyebrows_expand_mod=0.5)
