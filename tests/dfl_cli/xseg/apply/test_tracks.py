"""Faces are followed from frame to frame of their video."""

from pathlib import Path

import numpy as np

from dfl_cli.xseg.apply.tracks import find_tracks, neighbors
from dfl_cli.xseg.face_files import FaceFile
from samplers.files.face import Face
from samplers.files.file_range import FileRange
from samplers.geometry.face_types import FaceType

SHAPE = np.random.default_rng(1).uniform(0, 100, (68, 2))


def face(source, left=0.0, size=1.0):
    landmarks = None if left is None else SHAPE * size + (left, 0)
    one = Face("a.jpg", FaceType.WHOLE, SHAPE, (256, 256), 1.0, source, (), False, FileRange(Path("a.jpg")))
    return FaceFile(one, "", None, landmarks)


def tracks(*files):
    return [[place.index for place in track] for track in find_tracks(files)]


def test_frames_are_in_the_order_of_their_numbers():
    assert tracks(face("f10.png"), face("f9.png"), face("f11.png")) == [[1, 0, 2]]


def test_two_people_side_by_side_are_two_tracks():
    files = [face("1.png"), face("1.png", 400), face("2.png", 395), face("2.png", 8)]
    assert tracks(*files) == [[0, 3], [1, 2]]


def test_a_leap_a_gap_another_series_or_another_size_ends_a_track():
    assert tracks(face("1.png"), face("2.png", 80)) == [[0], [1]]
    assert tracks(face("1.png"), face("4.png")) == [[0, 1]]
    assert tracks(face("1.png"), face("5.png")) == [[0], [1]]
    assert tracks(face("a1.png"), face("b2.png")) == [[0], [1]]
    assert tracks(face("1.png"), face("2.png", size=2)) == [[0], [1]]


def test_who_knows_no_frame_is_in_no_track():
    assert tracks(face(None), face("1.png", None), face("one.png")) == [[2]]


def test_neighbors_are_the_faces_before_and_after():
    assert neighbors(find_tracks([face(f"{number}.png") for number in range(4)])) == {
        0: [1], 1: [0, 2], 2: [1, 3], 3: [2]
    }  # fmt: skip
