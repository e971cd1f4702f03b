"""Labelled faces are copied to a folder of their own."""

from samplers.files.regular_file import read_regular


def test_labeled_faces_are_copied_and_stay(folder, xseg, contents):
    before = contents(folder)
    code, facts, _ = xseg("fetch", folder)
    copies = folder.with_name("aligned_xseg")
    assert (code, facts["labeled"], facts["copied"], facts["folder"]) == (0, 3, 3, str(copies))
    assert contents(copies) == {name: content for name, content in before.items() if name != "00004_0.jpg"}
    assert contents(folder) == before
    assert xseg("fetch", folder)[1]["copied"] == 0


def test_the_originals_go_to_the_trash_and_come_back(folder, xseg, contents):
    before = contents(folder)
    _, facts, _ = xseg("fetch", folder, "--delete-originals")
    assert facts["moved_to"] == str(folder.with_name("aligned_trash"))
    assert [*contents(folder)] == ["00004_0.jpg"]
    assert xseg("fetch", folder, "--undo")[1] == {"brought_back": 3}
    assert contents(folder) == before


def test_another_face_of_that_name_is_not_replaced(folder, xseg):
    mine = folder.with_name("aligned_xseg") / "00002_0.jpg"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    code, _, errors = xseg("fetch", folder)
    assert code == 1 and "1 file: 00002_0.jpg" in errors and mine.read_bytes() == b"mine"
    assert [path.name for path in mine.parent.glob("*.jpg")] == ["00002_0.jpg"]
    assert xseg("fetch", folder, "--overwrite")[1]["copied"] == 3
    assert read_regular(mine) == read_regular(folder / "00002_0.jpg")


def test_without_labels_there_is_nothing_to_fetch(folder, xseg):
    xseg("remove-labels", folder, "--yes")
    code, facts, _ = xseg("fetch", folder, "--delete-originals")
    assert (code, facts) == (0, {"labeled": 0, "copied": 0, "folder": None, "moved_to": None})
    assert not folder.with_name("aligned_xseg").exists()
