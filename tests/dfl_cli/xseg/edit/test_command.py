"""What `dfl xseg edit` says where it cannot open its page, and in which order the faces come."""

import importlib.util
import shutil
from pathlib import Path

import pytest

from dfl_cli.errors import UserError
from dfl_cli.main import main
from dfl_cli.store.lock import FolderLock
from dfl_cli.xseg.edit.opening import open_session
from dfl_cli.xseg.suggest.order_file import order_file, write_order

PACK = Path(__file__).parents[3] / "fixtures" / "formats" / "faceset.pak"


@pytest.fixture
def fails(capsys):
    """Runs the command, which must fail, and returns what it said."""

    def run(*arguments) -> str:
        capsys.readouterr()
        assert main(["xseg", "edit", *map(str, arguments)]) == 1
        return capsys.readouterr().err

    return run


def test_folders_without_faces_are_named(fails, tmp_path):
    assert "There is no folder" in fails(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert f"No faces in {tmp_path / 'empty'}." in fails(tmp_path / "empty")


def test_packs_are_refused_with_the_command_that_unpacks_them(fails, faces):
    shutil.copy(PACK, faces)
    assert f"dfl faceset unpack {faces}" in fails(faces)
    (faces / "faceset.pak").rename(faces / "faceset.zip")
    open_session(faces, "name")  # a zip file never hides the pictures beside it
    for picture in faces.glob("*.jpg"):
        picture.unlink()
    assert "Extract the files" in fails(faces)


def test_a_locked_folder_is_named(fails, faces):
    with FolderLock(faces):
        assert "Another process is writing to" in fails(faces)


def test_a_missing_nicegui_is_named_with_the_command_that_installs_it(fails, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "nicegui" else find(name))
    assert 'pip install "dfl-trainer[web]"' in fails("x")


def test_a_file_gives_the_order_and_what_it_does_not_name_follows(faces, tmp_path):
    order = tmp_path / "order.txt"
    order.write_text("00004_0.jpg\t0.93\nno such face\n\n00002_0.jpg\n00004_0.jpg\n", encoding="utf-8")
    session = open_session(faces, str(order))
    assert session.faces.orders == [str(order), "name"]
    assert session.faces.shown("all", str(order)).tolist() == [4, 2, 0, 1, 3, 5]
    order.write_text("nobody.jpg\n", encoding="utf-8")
    with pytest.raises(UserError, match="names no face of this folder"):
        open_session(faces, str(order))
    with pytest.raises(UserError, match="Cannot read the order"):
        open_session(faces, str(tmp_path / "missing.txt"))


def test_what_was_suggested_is_an_order_to_choose(faces):
    write_order(faces, {"faces": [{"name": name} for name in ("00003_0.jpg", "gone.jpg", "00001_0.jpg")]})
    session = open_session(faces, "name")
    assert session.faces.orders == ["name", "suggested"]
    assert session.faces.shown("all", "suggested").tolist() == [3, 1, 0, 2, 4, 5]
    assert open_session(faces, "suggested").faces.orders == ["suggested", "name"]
    order_file(faces).write_text("{")
    assert open_session(faces, "name").faces.orders == ["name"]
    with pytest.raises(UserError, match="cannot be used"):
        open_session(faces, "suggested")


def test_half_of_a_segmentation_network_is_refused(fails, faces):
    assert "--segment-decoder" in fails(faces, "--segment-encoder", faces / "00000_0.jpg")
