"""Hand-drawn masks."""

import numpy as np
import pytest

from closeness import assert_same_pixels
from samplers.geometry.polygons import Polygon, PolygonType, overlay

EMPTY = np.zeros((10, 10, 1), np.float32)
SQUARE = np.float32([(2, 2), (7, 2), (7, 7), (2, 7)])


@pytest.mark.parametrize("file", [2, 3])
def test_labels_of_recorded_faces_give_the_recorded_mask(fixtures, file):
    recorded = np.load(fixtures / "samplers" / "geometry.npz")
    names = sorted(name for name in recorded.files if name.startswith(f"file{file}_poly") and "type" in name)
    polygons = [Polygon(PolygonType(int(name[-1])), recorded[name]) for name in names]
    expected = recorded[f"file{file}_poly_mask"]
    mask = overlay(polygons, np.zeros((256, 256, 1), np.float32))
    assert_same_pixels(mask.reshape(expected.shape), expected)
    assert polygons


def test_what_is_excluded_stays_out_whatever_was_drawn_last():
    inside = Polygon(PolygonType.INCLUDE, SQUARE)
    hole = Polygon(PolygonType.EXCLUDE, SQUARE[:1] + np.float32([(0, 0), (2, 0), (2, 2)]))
    np.testing.assert_array_equal(overlay([inside, hole], EMPTY), overlay([hole, inside], EMPTY))
    assert overlay([hole, inside], EMPTY)[2, 2] == 0


def test_a_polygon_of_one_point_is_one_pixel_and_one_of_none_is_nothing():
    assert overlay([Polygon(PolygonType.INCLUDE, np.float32([3, 4]))], EMPTY).sum() == 1
    assert overlay([Polygon(PolygonType.INCLUDE, np.empty((0, 2)))], EMPTY).sum() == 0


def test_the_mask_that_came_in_is_not_drawn_on():
    overlay([Polygon(PolygonType.INCLUDE, SQUARE)], EMPTY)
    assert EMPTY.sum() == 0
