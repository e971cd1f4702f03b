"""Faces that the review moves to the trash, and brings back."""

import pytest

from dfl_cli.faceset.sort import open_renames
from dfl_cli.review.trash import in_trash, move_to_trash, restore


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "aligned"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (folder / name).write_text(name)
    return folder


def names(folder):
    return sorted(path.name for path in folder.glob("*.jpg"))


def test_some_of_what_went_to_the_trash_comes_back(folder):
    assert move_to_trash(folder, ["a.jpg", "gone.jpg"]) == ["a.jpg"]
    assert move_to_trash(folder, ["b.jpg", "c.jpg"]) == ["b.jpg", "c.jpg"]
    assert (names(folder), in_trash(folder)) == ([], ["a.jpg", "b.jpg", "c.jpg"])
    assert restore(folder, ["a.jpg", "c.jpg", "gone.jpg"]) == ["a.jpg", "c.jpg"]
    assert (names(folder), in_trash(folder)) == (["a.jpg", "c.jpg"], ["b.jpg"])
    assert (folder / "c.jpg").read_text() == "c.jpg"
    open_renames(folder).undo()
    assert names(folder) == ["a.jpg", "b.jpg", "c.jpg"]
    assert in_trash(folder) == []


def test_a_face_whose_name_is_taken_comes_back_under_another(folder):
    move_to_trash(folder, ["a.jpg"])
    (folder / "a.jpg").write_text("new")
    assert restore(folder, ["a.jpg"]) == ["a.jpg"]
    assert names(folder) == ["a.jpg", "a_2.jpg", "b.jpg", "c.jpg"]
    assert [(folder / name).read_text() for name in ("a.jpg", "a_2.jpg")] == ["new", "a.jpg"]


def test_what_somebody_emptied_out_of_the_trash_is_not_listed(folder):
    move_to_trash(folder, ["a.jpg", "b.jpg"])
    (folder.with_name("aligned_trash") / "a.jpg").unlink()
    assert in_trash(folder) == ["b.jpg"]
    assert restore(folder, ["a.jpg"]) == []
