"""Which faces belong to which frame."""

from types import SimpleNamespace

import numpy as np

from dfl_cli.merge.alignments import collect_alignments


def face(source, landmarks=None):
    return SimpleNamespace(source_filename=source, source_landmarks=landmarks)


def points(value):
    return np.full((68, 2), value, np.float32)


def test_faces_are_found_by_the_stem_of_their_frame_in_the_order_of_the_files():
    faces, _, without_frame = collect_alignments(
        [face("00002.png", points(1)), face("00001.jpg", points(2)), face("00002.png", points(3))]
    )
    assert [landmarks[0, 0] for landmarks in faces["00002"]] == [1, 3]
    assert [landmarks[0, 0] for landmarks in faces["00001"]] == [2]
    assert without_frame == 0


def test_faces_that_do_not_say_where_they_come_from_are_counted():
    broken = points(1)
    broken[5, 1] = np.nan
    faces, _, without_frame = collect_alignments([face(None, points(1)), face("1.png"), face("2.png", broken)])
    assert not faces
    assert without_frame == 3
