"""Which faces belong to which frame."""

import unicodedata
from types import SimpleNamespace

import numpy as np

from dfl_cli.merge.alignments import collect_alignments


def face(source, landmarks=None, name="face.jpg"):
    info = SimpleNamespace(fields={"source_landmarks": landmarks})
    return SimpleNamespace(name=name, source_filename=source, read_info=lambda: info)


def points(first):
    """A face of sorts, whose first landmark lies at (first, 0)."""
    return np.float32([(first + each, each % 9) for each in range(68)])


def test_faces_are_found_by_the_stem_of_their_frame_in_the_order_of_the_files():
    found = collect_alignments(
        [face("00002.png", points(1)), face("00001.jpg", points(2)), face("00002.png", points(3))]
    )
    assert [landmarks[0, 0] for landmarks in found.faces["00002"]] == [1, 3]
    assert [landmarks[0, 0] for landmarks in found.faces["00001"]] == [2]
    assert found.without_frame == 0


def test_a_frame_is_meant_whose_name_is_spelled_in_another_way():
    composed, decomposed = (unicodedata.normalize(form, "Йод") for form in ("NFC", "NFD"))
    found = collect_alignments([face(f"{composed}.png", points(1)), face("gone.png", points(2))], [decomposed])
    assert set(found.faces) == {decomposed, "gone"}


def test_faces_that_do_not_say_where_they_come_from_are_counted():
    found = collect_alignments([face(None, points(1)), face("1.png")])
    assert not found.faces
    assert found.without_frame == 2


def test_landmarks_that_are_of_no_use_are_named():
    broken = points(1)
    broken[5, 1] = np.nan
    found = collect_alignments([face("1.png", broken, "a.jpg"), face("2.png", np.ones((68, 2)), "b.jpg")])
    assert not found.faces
    assert {one.name: one.reason.fact for one in found.skipped} == {
        "a.jpg": "they are not finite numbers",
        "b.jpg": "they lie in one place",
    }
