"""Orders, filters, and the way from one face to the next."""

import pytest

from dfl_cli.xseg.edit.face_list import FaceList


@pytest.fixture
def faces() -> FaceList:
    """Six faces; b and e have labels."""
    names = list("abcdef")
    found = FaceList(names, [name in "be" for name in names], [name == "f" for name in names])
    found.set_order("name", names)
    found.set_order("reverse", names[::-1])
    return found


def names(faces: FaceList, which: str, order: str = "name") -> str:
    return "".join(faces.names[number] for number in faces.shown(which, order))


def walk(faces: FaceList, start: str, by: int, which: str = "all", order: str = "name") -> str | None:
    found = faces.step(faces.numbers[start], by, which=which, order=order)
    return None if found is None else faces.names[found]


def test_filters_keep_the_order(faces):
    assert names(faces, "all") == "abcdef"
    assert names(faces, "labeled") == "be"
    assert names(faces, "unlabeled", "reverse") == "fdca"
    assert names(faces, "masked") == "f"


@pytest.mark.parametrize(
    ("start", "by", "which", "order", "found"),
    [
        ("a", 1, "all", "name", "b"),
        ("a", 1, "all", "reverse", None),
        ("a", -1, "all", "reverse", "b"),
        ("a", 5, "all", "name", "f"),
        ("c", 5, "all", "name", "f"),  # no further than the last one
        ("f", 5, "all", "name", None),
        ("c", -5, "all", "name", "a"),
        ("c", 1, "labeled", "name", "e"),  # from a face that the filter hides
        ("c", -1, "labeled", "name", "b"),
        ("b", 2, "unlabeled", "name", "d"),
        ("e", 1, "labeled", "name", None),
    ],
)
def test_steps_lead_over_the_faces_that_pass(faces, start, by, which, order, found):
    assert walk(faces, start, by, which, order) == found


def test_a_face_that_is_gone_is_no_step_and_its_place_is_known_when_it_is_back(faces):
    faces.gone[2] = True
    assert (names(faces, "all"), walk(faces, "b", 1), walk(faces, "c", 1)) == ("abdef", "d", "d")
    faces.gone[2] = False
    assert walk(faces, "b", 1) == "c"


def test_the_nearest_labeled_face_lies_before_where_there_is_one(faces):
    found = {name: faces.nearest_labeled(faces.numbers[name], "name") for name in "abf"}
    assert {name: faces.names[number] for name, number in found.items()} == {"a": "b", "b": "e", "f": "e"}


def test_a_face_that_comes_later_is_the_last_of_every_order(faces):
    assert faces.add("z", labeled=True, masked=False) == 6
    assert (names(faces, "all", "reverse"), names(faces, "labeled")) == ("fedcbaz", "bez")
