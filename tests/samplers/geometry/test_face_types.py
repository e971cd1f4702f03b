"""Names and order of the face types."""

import pytest

from samplers.geometry.face_types import FaceType, UnknownFaceType, covers


@pytest.mark.parametrize("short", ["h", "mf", "f", "wf", "head"])
def test_the_short_names_of_the_questions_go_both_ways(short):
    assert FaceType.from_short(short.upper()).short == short


@pytest.mark.parametrize("face_type", list(FaceType))
def test_the_names_in_files_go_both_ways(face_type):
    assert FaceType.from_file(face_type.name_in_files.upper()) is face_type


def test_an_unknown_name_is_told_by_name():
    with pytest.raises(UnknownFaceType) as caught:
        FaceType.from_file("tiny_face")
    assert caught.value.name == "tiny_face"


def test_a_full_face_does_not_show_all_a_head_needs_but_the_other_way_round_it_does():
    assert not covers(FaceType.FULL, FaceType.HEAD)
    assert covers(FaceType.HEAD, FaceType.FULL)
    assert covers(FaceType.WHOLE, FaceType.WHOLE)


def test_a_marked_frame_has_no_crop():
    with pytest.raises(ValueError, match="mark_only"):
        _ = FaceType.MARK_ONLY.padding
