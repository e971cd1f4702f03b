"""A box that a person draws becomes landmarks and a crop; points are moved one by one or together."""

import cv2
import numpy as np
import pytest

from dfl_cli.extract.networks import NetworkChoice
from dfl_cli.review.repairing import aligned_crop, face_in_box, removed, replaced, shifted, with_points
from drawn_people import difference, frame_with_face
from drawn_tracks import face_at, frame_of


@pytest.fixture(scope="module")
def networks():
    return NetworkChoice().open()


def rough_box(points: np.ndarray) -> tuple[float, ...]:
    """As a person draws it: around the landmarks, not at all exactly."""
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return left - 6, top - 14, right + 9, bottom + 4


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_box_drawn_around_a_face_finds_its_landmarks_whichever_way_up_it_is(networks, degrees):
    picture, points = frame_with_face()
    for _ in range(degrees // 90):  # clockwise
        points = np.stack([picture.shape[0] - 1 - points[:, 1], points[:, 0]], axis=1)
        picture = cv2.rotate(picture, cv2.ROTATE_90_CLOCKWISE)
    box = rough_box(points)
    face = face_in_box(picture, box, networks)
    assert difference(face.landmarks, points) < 0.1
    assert face.box == pytest.approx(box)
    assert face.by_hand
    assert np.linalg.norm(face.identity) == pytest.approx(1, abs=1e-4)


def test_points_are_moved_alone_or_together():
    face = face_at(100, 100)
    one = with_points(face, {30: (5.0, 6.0)})
    assert one.landmarks[30].tolist() == [5, 6]
    assert np.array_equal(np.delete(one.landmarks, 30, axis=0), np.delete(face.landmarks, 30, axis=0))
    assert not face.by_hand
    whole = shifted(face, (3, -2))
    assert np.allclose(whole.landmarks - face.landmarks, (3, -2), atol=1e-4)
    assert np.allclose(np.subtract(whole.box, face.box), (3, -2, 3, -2), atol=1e-4)
    assert one.by_hand
    assert whole.by_hand


def test_a_face_is_replaced_added_or_taken_away_and_the_largest_stays_first():
    small, large = face_at(50, 50, size=0.5), face_at(200, 200)
    frame = frame_of(1, large, small)
    larger = face_at(300, 300, size=2.0)
    assert replaced(frame, 1, larger) == (larger, large)
    assert replaced(frame, 2, larger) == (larger, large, small)
    assert removed(frame, 0) == (small,)


def test_the_crop_follows_the_points():
    picture, points = frame_with_face()
    crop = aligned_crop(picture, points, "wf", 128)
    moved = aligned_crop(np.roll(picture, 5, axis=1), points + np.float32((5, 0)), "wf", 128)
    assert crop.shape == (128, 128, 3)
    assert np.abs(crop[32:96, 32:96].astype(int) - moved[32:96, 32:96]).max() <= 3
