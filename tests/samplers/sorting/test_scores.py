"""What pictures are sorted by."""

import numpy as np
import pytest

from samplers.files.faces import open_faceset
from samplers.sorting import scores as sort_scores


@pytest.fixture(scope="module")
def face(fixtures):
    return next(face for face in open_faceset(fixtures / "samplers/faces"))


def flat(level) -> np.ndarray:
    return np.full((8, 8, 3), level, np.uint8)


def test_simple_pictures_have_scores_one_can_say_in_advance():
    assert sort_scores.brightness(flat((10, 200, 30)), None) == 200
    assert sort_scores.hue(flat((0, 255, 0)), None) == 60  # green, in OpenCV's half degrees
    assert sort_scores.black(flat((0, 5, 0)), None) == 128
    assert sort_scores.histogram(flat((1, 2, 3)), None)[[0, 1, 2], [1, 2, 3]].tolist() == [64, 64, 64]


def test_what_lies_outside_the_face_does_not_count_for_sharpness(face):
    bgr = face.read()
    scratched = bgr.copy()
    scratched[:6, ::2] = 255
    assert sort_scores.blur(bgr, face) == sort_scores.blur(scratched, face)
    assert sort_scores.motion_blur(bgr, face) == sort_scores.motion_blur(scratched, face)
    assert sort_scores.motion_blur(bgr, None) != sort_scores.motion_blur(scratched, None)


def test_the_size_in_the_frame_is_the_area_of_the_detected_rectangle(face):
    left, top, right, bottom = face.read_info().source_rect
    assert sort_scores.source_area(face) == abs((right - left) * (bottom - top)) > 0
