"""Names that are never content, wherever they lie."""

import pytest

from samplers.files.foreign_files import foreign_names, is_foreign, own_files

FOREIGN = [
    "._00001.jpg", ".DS_Store", ".Spotlight-V100", ".Trashes", "__MACOSX", "Icon\r", "Thumbs.db", "THUMBS.DB", "desktop.ini",
    "$RECYCLE.BIN", "System Volume Information", "@eaDir", "#recycle", "00001.jpg@SynoEAStream", "lost+found",
    "00001.jpg~", "#00001.jpg#", "~$notes.docx", ".00001.jpg.swp", "00001.jpg:Zone.Identifier", ".@__thumb",
]  # fmt: skip
OWN = [
    "00001.jpg",
    "_1.jpg",
    "#1.jpg",
    "a~b.png",
    "~1.png",
    "faceset.pak",
    "new_SAEHD_data.dat",
    "人.jpg",
    "thumbs.jpg",
    "..",
    ".",
]


@pytest.mark.parametrize("name", FOREIGN)
def test_what_systems_and_editors_leave_is_foreign(name):
    assert is_foreign(name)


@pytest.mark.parametrize("name", OWN)
def test_what_a_person_named_is_not(name):
    assert not is_foreign(name)


def test_a_folder_is_listed_without_them_and_they_are_named_without_our_own(tmp_path):
    for name in ["00001.jpg", ".DS_Store", ".dfl-faces.index", ".model.json.0123abcd.partial"]:
        (tmp_path / name).touch()
    (tmp_path / "@eaDir").mkdir()
    assert [path.name for path in own_files(tmp_path)] == ["00001.jpg"]
    assert foreign_names(path.name for path in tmp_path.iterdir()) == [".DS_Store", "@eaDir"]
