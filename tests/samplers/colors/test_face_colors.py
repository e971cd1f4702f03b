"""Colors of face sets."""

import numpy as np
import pytest

from samplers.colors.face_colors import color_distance, face_colors, mean_lab
from samplers.files.faces import open_faceset


def test_skin_is_neither_black_nor_grey(fixtures):
    for face in open_faceset(fixtures / "samplers/faces"):
        lightness, red, yellow = mean_lab(face)
        assert 20 < lightness < 95
        assert abs(red) + abs(yellow) < 100


def test_sets_differ_by_the_distance_of_their_means():
    light = face_colors(np.tile([[60.0, 10.0, 10.0]], (5, 1)))
    dark = face_colors(np.tile([[40.0, 10.0, 10.0]], (5, 1)))
    assert color_distance(light, dark) == 20
    assert (dark.darkest, dark.lightest) == pytest.approx((40, 40))


def test_a_few_odd_pictures_do_not_widen_the_range_of_light():
    labs = np.tile([[50.0, 0.0, 0.0]], (100, 1))
    labs[:2, 0] = 5
    assert face_colors(labs).darkest == pytest.approx(50)
