"""Which workspace a command works in, and its folders."""

import json
import os
from argparse import Namespace
from pathlib import Path

import pytest

from dfl_cli.errors import UserError
from dfl_cli.main import main
from dfl_cli.merge.folders import writes_masks
from dfl_cli.store.workspace import announce_current, folder_for, looks_like_workspace, named_face_set, workspace_for

NAMES = ["film", "my film", "电影 一", "a'b\"c"]


@pytest.fixture(autouse=True)
def no_variable(monkeypatch):
    monkeypatch.delenv("DFL_WORKSPACE", raising=False)
    announce_current.cache_clear()


def test_a_variable_that_names_no_folder_is_the_error(tmp_path, monkeypatch):
    monkeypatch.setenv("DFL_WORKSPACE", str(tmp_path / "film"))
    with pytest.raises(UserError, match=r"film does not exist(.|\n)*DFL_WORKSPACE"):
        folder_for(None, None, "models", flag="--models")


def make_workspace(root: Path, parts=("data_src/aligned", "data_dst/aligned", "model")) -> Path:
    for part in parts:
        (root / part).mkdir(parents=True)
    return root


@pytest.mark.parametrize("name", NAMES)
def test_the_flag_wins_over_the_variable_and_that_over_the_current_folder(tmp_path, monkeypatch, name):
    given, named, current = (make_workspace(tmp_path / part / name) for part in ("given", "named", "current"))
    monkeypatch.chdir(current)
    assert workspace_for(None) == current
    monkeypatch.setenv("DFL_WORKSPACE", str(named))
    assert workspace_for(None) == named
    assert workspace_for(given) == given
    assert folder_for(tmp_path / "models", given, "models", flag="--models") == tmp_path / "models"
    assert folder_for(None, None, "models", flag="--models") == named / "model"


def test_a_relative_variable_and_one_with_a_tilde(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable, folder in ((".", tmp_path), ("film", tmp_path / "film"), ("~/film", tmp_path / "film")):
        monkeypatch.setenv("DFL_WORKSPACE", variable)
        assert workspace_for(None) == folder
    monkeypatch.setenv("DFL_WORKSPACE", "")
    assert workspace_for(None) is None


@pytest.mark.parametrize(
    ("parts", "files", "is_one"),
    [
        (("data_src", "data_dst", "model"), (), True),
        (("data_src", "data_dst"), (), True),
        (("data_dst", "model"), (), True),
        ((), ("data_src.mp4", "data_dst.mov"), True),
        (("model",), ("data_src.mp4",), True),
        (("model",), (), False),
        (("model",), ("model.h5",), False),
        ((), ("data_src.mp4", "data_src.wav"), False),
        (("data_src",), ("data_dst",), False),
        ((), (), False),
    ],
)
def test_what_looks_like_a_workspace(tmp_path, parts, files, is_one):
    make_workspace(tmp_path, parts)
    for name in files:
        (tmp_path / name).touch()
    assert looks_like_workspace(tmp_path) == is_one


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_to_a_workspace_is_one(tmp_path, monkeypatch):
    root = make_workspace(tmp_path / "电影")
    (tmp_path / "link").symlink_to(root, target_is_directory=True)
    monkeypatch.chdir(tmp_path / "link")
    assert workspace_for(None) == root
    assert workspace_for(tmp_path / "link") == tmp_path / "link"


@pytest.mark.skipif(os.name == "nt", reason="the current folder cannot be deleted there")
def test_a_deleted_current_folder_is_none(tmp_path, monkeypatch):
    gone = make_workspace(tmp_path / "gone", ())
    gone.mkdir(exist_ok=True)
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert workspace_for(None) is None


def test_the_current_folder_is_announced_once_and_only_where_it_is_used(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(make_workspace(tmp_path / "film"))
    folder_for(tmp_path / "models", None, "models", flag="--models")
    folder_for(None, None, "models", flag="--models", announce=False)
    assert capsys.readouterr().err == ""
    folder_for(None, None, "models", flag="--models")
    folder_for(None, None, "src", flag="--src")
    said = capsys.readouterr()
    assert said.err == f"Workspace: {tmp_path / 'film'} (current folder)\n"
    assert said.out == ""


def test_without_any_the_error_names_every_way(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as refused:
        folder_for(None, None, "models", flag="--models")
    for way in ("--models", "--workspace", "DFL_WORKSPACE", "data_src"):
        assert way in refused.value.fix


def test_src_and_dst_name_the_face_sets_of_the_workspace(tmp_path, monkeypatch):
    root = make_workspace(tmp_path / "film")
    monkeypatch.chdir(root)
    assert named_face_set(Path("dst")) == root / "data_dst" / "aligned"
    (root / "dst").mkdir()
    assert named_face_set(Path("dst")) == Path("dst")
    assert named_face_set(Path("other")) == Path("other")


@pytest.mark.parametrize("name", NAMES)
def test_models_of_the_current_folder_are_listed_and_json_stays_alone_on_stdout(tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(make_workspace(tmp_path / name))
    assert main(["model", "list", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {"models": []} and said.err == ""
    monkeypatch.chdir(tmp_path)
    assert main(["model", "list"]) == 1
    assert main(["model", "list", "--workspace", name]) == 0
    monkeypatch.setenv("DFL_WORKSPACE", name)
    assert main(["model", "list"]) == 0


def test_extract_in_a_workspace_and_what_its_own_flags_name(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(make_workspace(tmp_path / "film"))
    assert main(["extract", "src", "--silent-start"]) == 1
    assert f"{tmp_path / 'film' / 'data_src'}" in capsys.readouterr().err
    assert main(["extract", "--input", "data_dst", "--output", str(tmp_path / "faces"), "--silent-start"]) == 1
    said = capsys.readouterr().err
    assert "No images" in said and "Workspace:" not in said


def test_masks_are_written_only_where_the_results_are(tmp_path, monkeypatch):
    monkeypatch.chdir(make_workspace(tmp_path / "film"))
    elsewhere, named = Path("elsewhere"), Path("film")
    for output, output_mask, workspace, wanted in (
        (None, None, None, True),
        (elsewhere, None, None, False),
        (elsewhere, elsewhere, None, True),
        (elsewhere, None, named, True),
    ):
        given = Namespace(output=output, output_mask=output_mask, workspace=workspace)
        assert writes_masks(given) == wanted
