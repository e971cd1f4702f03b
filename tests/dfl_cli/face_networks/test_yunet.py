"""Faces of all sizes are found; where there is none, none is."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from dfl_cli.face_networks.protocols import Box
from dfl_cli.face_networks.yunet import TILE, YuNet, starts, tiles, without_doubles
from drawn_people import drawn, placed


@pytest.fixture(scope="module")
def yunet():
    return YuNet()


def shows(box: Box, landmarks: np.ndarray) -> bool:
    """Whether the box is around the landmarks, about as large as they are."""
    (left, top), (right, bottom) = landmarks.min(axis=0), landmarks.max(axis=0)
    side = max(right - left, bottom - top)
    middle = np.float64(box.center) - ((left + right) / 2, (top + bottom) / 2)
    return bool(np.abs(middle).max() < 0.4 * side and 0.5 < box.height / side < 2)


@pytest.mark.parametrize("who", "AB")
def test_a_face_is_found(yunet, who):
    frame, landmarks = drawn(who)
    (box,) = yunet.find(frame)
    assert box.score > 0.8
    assert shows(box, landmarks)


def test_the_angle_is_that_of_the_eyes(yunet):
    frame, landmarks = drawn()
    turned, _ = placed(frame, landmarks, cv2.getRotationMatrix2D((160, 160), -20, 1), (320, 320))
    (box,) = yunet.find(turned)
    assert np.degrees(box.angle - yunet.find(frame)[0].angle) == pytest.approx(20, abs=8)


@pytest.mark.parametrize("side", [22, 40, 100, 700])
def test_small_and_large_faces_are_found_by_a_thorough_search(yunet, side):
    scale = side / 150  # a drawn face is 150 pixels high
    frame, landmarks = placed(*drawn(), [[scale, 0, 300], [0, scale, 100]], (1280, 960))
    assert any(shows(box, landmarks) for box in yunet.search(frame))


def test_a_tiny_face_in_a_large_frame_is_found_in_its_tile(yunet):
    scale = 30 / 150
    frame, landmarks = placed(*drawn(), [[scale, 0, 2300], [0, scale, 1200]], (3840, 2160))
    assert not any(shows(box, landmarks) for box in yunet.find(frame))
    assert any(shows(box, landmarks) for box in yunet.search(frame))


def test_a_face_that_the_border_cuts_is_found(yunet):
    frame, landmarks = drawn()
    cut = int(landmarks[:, 1].min() + 0.25 * np.ptp(landmarks[:, 1]))
    assert any(shows(box, landmarks - np.float32([0, cut])) for box in yunet.search(frame[cut:]))


@pytest.mark.parametrize("picture", ["flat", "noise", "stripes"])
def test_there_is_no_face_where_there_is_none(yunet, picture):
    made = {
        "flat": np.full((300, 400, 3), 90, np.uint8),
        "noise": np.random.default_rng(1).integers(0, 255, (300, 400, 3), np.uint8),
        "stripes": np.uint8(np.indices((300, 400)).sum(axis=0) % 64 * 4)[..., None].repeat(3, axis=2),
    }
    assert yunet.search(made[picture]) == []


def test_of_two_boxes_around_one_face_the_surer_stays():
    sure, unsure, other = Box(0, 0, 10, 10, 0.9), Box(1, 1, 11, 11, 0.7), Box(30, 0, 40, 10, 0.6)
    assert without_doubles([unsure, sure, other]) == [sure, other]


@pytest.mark.parametrize("length", [100, TILE, TILE + 1, 2560, 7680])
def test_tiles_cover_everything_and_overlap(length):
    begins = starts(length)
    assert begins[0] == 0
    assert begins[-1] + TILE >= length
    assert all(later - earlier <= TILE - 100 for earlier, later in pairwise(begins))
    assert len(list(tiles(length, 100))) == len(begins)
