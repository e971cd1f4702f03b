"""Every face of a frame is found, once, where it is; whichever way up the frame is."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from dfl_cli.extract.analysis import STEADY_FRAMES, differs, look_at, points_back, thumbnail
from dfl_cli.extract.networks import NetworkChoice
from drawn_people import difference, drawn, placed


@pytest.fixture(scope="module")
def networks():
    return NetworkChoice().open()


def find_faces(frame, networks):
    return look_at(frame, networks).faces


def test_a_face_has_everything_that_the_index_keeps(networks):
    frame, landmarks = drawn()
    (face,) = find_faces(frame, networks)
    assert difference(face.landmarks, landmarks) < 0.08
    assert face.is_sure
    assert face.identity.shape == (128,)
    assert face.expression.shape == (52,)
    assert face.turn == 0
    left, top, right, bottom = face.box
    assert 0 < left < landmarks[30, 0] < right < 320
    assert 0 < top < landmarks[30, 1] < bottom < 320


@pytest.mark.parametrize(
    ("turn", "way"), [(90, cv2.ROTATE_90_COUNTERCLOCKWISE), (270, cv2.ROTATE_90_CLOCKWISE), (180, cv2.ROTATE_180)]
)
def test_a_frame_that_lies_on_its_side_or_head_gives_the_same_face(networks, turn, way):
    frame, _ = placed(*drawn(), [[1, 0, 60], [0, 1, 10]], (480, 360))
    (plain,) = find_faces(frame, networks)
    (face,) = find_faces(cv2.rotate(frame, way), networks)
    back = points_forth(face.landmarks, turn, frame.shape[:2])
    assert difference(back, plain.landmarks) < 0.05
    assert face.box[0] < face.box[2]
    assert face.box[1] < face.box[3]


def points_forth(points, turn, shape):
    """Points of a frame that was turned counterclockwise, in the frame of `shape` (height, width)."""
    (x, y), (height, width) = points.T, shape
    return np.float32(
        np.stack({90: (width - 1 - y, x), 180: (width - 1 - x, height - 1 - y), 270: (y, height - 1 - x)}[turn], axis=1)
    )


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_points_go_back_to_their_pixels(turn):
    marked = np.zeros((5, 7), np.uint8)
    marked[1, 4] = 1
    ways = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
    row, column = np.argwhere(cv2.rotate(marked, ways[turn]))[0]
    assert points_back(np.float32([[column, row]]), turn, (5, 7)).tolist() == [[4, 1]]


def test_two_people_are_two_faces_the_larger_first(networks):
    frame = np.full((400, 900, 3), 110, np.uint8)
    frame[40:360, 20:340] = drawn("A")[0]
    frame[:, 420:820] = cv2.resize(drawn("B")[0], (400, 400))
    faces = find_faces(frame, networks)
    assert [face.landmarks[30, 0] > 420 for face in faces] == [True, False]


def test_a_small_face_beside_a_large_one_is_not_lost(networks):
    frame = np.full((600, 900, 3), 110, np.uint8)
    frame[100:420, 20:340] = drawn("A")[0]
    frame[300:380, 700:780] = cv2.resize(drawn("B")[0], (80, 80), interpolation=cv2.INTER_AREA)
    faces = find_faces(frame, networks)
    assert len(faces) == 2
    assert faces[1].landmarks[30, 0] > 700


def test_there_is_no_face_in_an_empty_frame(networks):
    assert find_faces(np.full((240, 320, 3), 128, np.uint8), networks) == ()


def test_a_face_is_followed_from_frame_to_frame_and_keeps_its_identity_for_a_while(networks):
    frames = [placed(*drawn(), [[1, 0, 40 + 3 * step], [0, 1, 20]], (480, 360)) for step in range(STEADY_FRAMES + 2)]
    before, seen = None, []
    for frame, landmarks in frames:
        before = look_at(frame, networks, before)
        (face,) = before.faces
        seen.append(face)
        assert difference(face.landmarks, landmarks) < 0.08
    assert seen[1].identity is seen[0].identity
    assert seen[-1].identity is not seen[0].identity
    assert seen[-1].identity @ seen[0].identity > 0.8


def test_somebody_else_in_the_same_place_after_a_cut_has_his_own_identity(networks):
    one, other = drawn("A")[0], drawn("B")[0]
    first = look_at(one, networks)
    second = look_at(np.uint8(other * 0.5), networks, first)
    assert second.faces[0].identity is not first.faces[0].identity


def test_a_face_that_the_detector_misses_is_found_where_it_was(networks):
    class Blind:
        name = "blind"

        def find(self, picture):
            return []

        search = find

    frame, landmarks = drawn()
    before = look_at(frame, networks)
    (face,) = look_at(frame, replace(networks, detector=Blind()), before).faces
    assert difference(face.landmarks, landmarks) < 0.08
    assert look_at(np.full_like(frame, 128), replace(networks, detector=Blind()), before).faces == ()


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (17, 5)])
def test_a_picture_of_any_shape_is_looked_at(networks, shape):
    assert find_faces(np.full((*shape, 3), 90, np.uint8), networks) == ()


def test_a_thumbnail_changes_with_the_shot():
    dark, bright = (thumbnail(np.full((48, 64, 3), value, np.uint8)) for value in (20, 200))
    assert dark.shape == (8, 8)
    assert differs(dark, bright)
    assert not differs(dark, dark + 3)
