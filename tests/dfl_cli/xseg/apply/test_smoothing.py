"""Masks flicker less when those of the neighboring frames count, and follow what really moves."""

import cv2
import numpy as np
import pytest

from dfl_cli.xseg.apply.smoothing import Seen, Window, needed, ready, smoothed, windows
from dfl_cli.xseg.apply.tracks import Place
from dfl_cli.xseg.apply.view import View
from samplers.geometry.landmarks import mean_face

SIDE = 256


def points() -> np.ndarray:
    """(68, 2) landmarks around the middle of the square."""
    rng = np.random.default_rng(3)
    return 128 + rng.uniform(-70, 70, (68, 2))


def texture() -> np.ndarray:
    noise = np.random.default_rng(5).uniform(0.2, 0.8, (16, 16, 3)).astype(np.float32)
    return cv2.resize(noise, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)


def disc(radius=80, center=(128, 128)) -> np.ndarray:
    """Probabilities of a round face."""
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.circle(mask, center, radius, 1.0, -1)
    return cv2.GaussianBlur(mask, (0, 0), 2)


def seen(probabilities, picture=None, landmarks=None) -> Seen:
    picture = texture() if picture is None else picture
    return Seen(View(picture, None, SIDE, points() if landmarks is None else landmarks), np.float32(probabilities))


def iou(one, other) -> float:
    one, other = one >= 0.5, other >= 0.5
    return (one & other).sum() / (one | other).sum()


WINDOW = Window(1, {0: 0.5, 1: 1.0, 2: 0.5})


def test_a_hole_that_only_one_frame_has_is_filled():
    whole = disc()
    hole = np.where(disc(25, (128, 150)) > 0.5, 0.2, whole)
    faces = {0: seen(whole), 1: seen(hole), 2: seen(whole)}
    assert iou(hole, whole) < 0.95
    assert iou(smoothed(WINDOW, faces), whole) > 0.99


def test_a_hand_that_comes_in_stays_where_it_is():
    """It looks different, so the frames without it have no say there."""
    plain, hand = texture(), texture()
    hand[120:200, 100:170] = (0.9, 0.1, 0.5)
    free = disc()
    covered = free.copy()
    covered[120:200, 100:170] = 0.05
    faces = {0: seen(free, plain), 1: seen(covered, hand), 2: seen(free, plain)}
    assert iou(smoothed(WINDOW, faces), covered) > 0.98
    assert iou(smoothed(WINDOW, {0: seen(covered, hand), 1: seen(free, plain), 2: seen(covered, hand)}), free) > 0.98


@pytest.mark.parametrize(("angle", "scale", "shift"), [(8, 1.0, (0, 0)), (0, 1.1, (6, -9)), (-5, 0.93, (-12, 4))])
def test_neighbors_are_moved_to_where_the_face_is(angle, scale, shift):
    matrix = cv2.getRotationMatrix2D((128, 128), angle, scale)
    matrix[:, 2] += shift
    size, mask = (SIDE, SIDE), disc(70, (140, 120))
    moved = seen(
        cv2.warpAffine(mask, matrix, size),
        cv2.warpAffine(texture(), matrix, size, borderMode=cv2.BORDER_REPLICATE),
        cv2.transform(points()[None], matrix)[0],
    )
    found = smoothed(Window(1, {0: 3.0, 1: 0.1}), {0: moved, 1: seen(np.full(size, 0.45))})
    assert iou(found, mask) > 0.97


def test_a_face_alone_keeps_its_mask():
    mask = disc()
    assert smoothed(Window(1, {1: 1.0}), {1: seen(mask)}) is not None
    np.testing.assert_array_equal(smoothed(WINDOW, {1: seen(mask)}), mask)


def test_flat_landmarks_make_no_neighbor():
    flat = seen(np.zeros((SIDE, SIDE)), landmarks=np.full((68, 2), 7.0))
    np.testing.assert_array_equal(smoothed(WINDOW, {0: flat, 1: seen(disc())}), disc())


def track(*places):
    return [Place(index, frame, mean_face()[1]) for index, frame in places]


def test_windows_reach_over_frames_not_over_gaps():
    found = windows(5, [track((3, 10), (1, 11), (0, 14)), track((4, 2))], 2)
    assert [window.index for window in found] == [3, 1, 0, 4, 2]
    assert found[0].weights == {3: 1.0, 1: pytest.approx(2 / 3)}
    assert found[2].weights == {0: 1.0} and found[4].weights == {2: 1.0}
    assert [window.index for window in windows(3, [track((2, 1))], 0)] == [0, 1, 2]


def test_no_face_is_painted_twice_or_kept_longer_than_needed():
    order = windows(40, [track(*((number, number) for number in range(40)))], 3)
    assert needed(order) == list(range(40))
    painted = iter([(number, number) for number in range(40)])
    for window, seen_now in ready(order, painted):
        assert seen_now.keys() == window.weights.keys()
        assert len(seen_now) <= 7
    assert next(painted, None) is None
