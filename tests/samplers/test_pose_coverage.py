"""Which directions of dst src lacks."""

from dataclasses import replace

import numpy as np
import pytest

from samplers.files.faces import open_faceset
from samplers.geometry.landmarks import mirror
from samplers.pose_coverage import Directions, coverage, directions, evenly, faces_near


def looking(*groups: tuple[int, float, float]) -> Directions:
    """Groups of (count, yaw, pitch) in degrees."""
    return Directions(np.concatenate([np.tile([[yaw, pitch]], (count, 1)) for count, yaw, pitch in groups]), 1)


def test_a_set_covers_itself():
    here = looking((50, -40, 0), (100, 0, 5), (30, 20, -10))
    assert coverage(here, here) == (1.0, [])


def test_profiles_that_src_lacks_are_one_gap_to_the_left():
    src = looking((500, 0, 0), (200, -20, 0), (3, -50, 0))
    found = coverage(src, looking((788, 0, 0), (212, -50, 0)))
    [gap] = found.gaps
    assert gap.yaw == (-np.inf, -10 - 20)
    assert gap.pitch == (-np.inf, np.inf)
    assert (gap.src, gap.dst) == (3, 212)
    assert found.covered == pytest.approx(0.788)


@pytest.mark.parametrize(
    ("yaw", "pitch", "axis"), [(50, 0, "yaw"), (-50, 0, "yaw"), (0, 40, "pitch"), (0, -40, "pitch")]
)
def test_each_side_has_its_gap(yaw, pitch, axis):
    [gap] = coverage(looking((100, 0, 0)), looking((100, 0, 0), (50, yaw, pitch))).gaps
    low, high = getattr(gap, axis)
    assert (low, high) == ((10, np.inf) if yaw + pitch > 0 else (-np.inf, -10))


def test_a_hole_within_the_range_is_found():
    src = looking((100, -40, 0), (100, 40, 0), (2, 7, 7))
    [gap] = coverage(src, looking((100, -40, 0), (60, 7, 7))).gaps
    assert (gap.yaw, gap.pitch, gap.src, gap.dst) == ((0, 15), (0, 15), 2, 60)


def test_a_handful_of_strange_frames_is_not_worth_a_word():
    found = coverage(looking((100, 0, 0)), looking((1000, 0, 0), (5, 60, 0)))
    assert found.gaps == []
    assert found.covered == pytest.approx(1000 / 1005)


def test_faces_chosen_from_many_stand_for_all_of_them():
    few = looking((5, 0, 0))._replace(weight=100)
    assert faces_near(np.array([[3.0, 0.0], [30.0, 0.0]]), few).tolist() == [500, 0]
    assert evenly(range(1000), 3) == [0, 499, 999]
    assert evenly(range(3), 5) == [0, 1, 2]


def test_left_and_right_are_those_of_the_picture(fixtures):
    faces = open_faceset(fixtures / "samplers/faces")
    for face, (yaw, _) in zip(faces, directions(faces).degrees, strict=True):
        mirrored = replace(face, landmarks=mirror(face.landmarks, face.shape[1]))
        left, nose, right = face.landmarks[[0, 30, 16], 0]
        if abs(nose - (left + right) / 2) > 0.1 * (right - left):
            assert (yaw < 0) == (nose < (left + right) / 2)
            assert (directions([mirrored]).degrees[0, 0] < 0) != (yaw < 0)


@pytest.mark.parametrize("count", range(1, 10))
def test_fewer_faces_than_a_direction_needs_say_nothing(count):
    assert coverage(looking((count, 0, 0)), looking((100, 60, 0))) == (None, [])


def test_a_range_that_holds_most_of_src_is_not_beyond_it():
    spread = looking(*((1, yaw, 0) for yaw in range(-60, 60, 10)))
    assert not any(np.isinf(gap.yaw).any() for gap in coverage(spread, looking((50, 0, 0), (50, 40, 0))).gaps)
