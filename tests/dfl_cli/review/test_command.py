"""What `dfl extract review` says where it cannot open its page."""

import importlib.util
import socket

import pytest

from dfl_cli.main import main
from dfl_cli.store.lock import FolderLock
from dfl_cli.translate import set_language


@pytest.fixture
def fails(capsys):
    """Runs the command, which must fail, and returns what it said."""

    def run(*arguments) -> str:
        capsys.readouterr()
        assert main(["extract", "review", *map(str, arguments)]) == 1
        return capsys.readouterr().err

    return run


def test_a_folder_without_an_extraction_is_named_with_what_to_do(fails, tmp_path):
    (tmp_path / "empty").mkdir()
    said = fails("--output", tmp_path / "empty")
    assert f"There is no extraction in {tmp_path / 'empty'}." in said
    assert "Run dfl extract first" in said
    assert "No such folder." in fails("--output", tmp_path / "nowhere")
    assert "data_dst" in fails("dst", "--workspace", tmp_path)


def test_flags_that_do_not_go_together_are_refused(fails, tmp_path):
    assert "It is not clear which extraction to review." in fails()
    assert "--workspace cannot be used here." in fails("--output", tmp_path, "--workspace", tmp_path)
    assert "--input cannot be used here." in fails("src", "--workspace", tmp_path, "--input", tmp_path)


@pytest.mark.parametrize("flag", ["--output", "--input", "--workspace"])
def test_an_empty_path_is_not_the_present_folder(flag, capsys):
    assert main(["extract", "review", flag, ""]) == 2
    assert "the path is empty" in capsys.readouterr().err


def test_a_locked_folder_and_a_taken_port_are_named(fails, extracted):
    with FolderLock(extracted / "faces"):
        assert "Another process is writing to" in fails("--output", extracted / "faces")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = fails("--output", extracted / "faces", "--port", taken.getsockname()[1])
    assert "Cannot serve the page at 127.0.0.1" in said


def test_a_missing_nicegui_is_named_with_the_command_that_installs_it(fails, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "nicegui" else find(name))
    assert 'pip install "dfl-trainer[web]"' in fails("--output", "x")
    set_language("zh")
    assert "NiceGUI" in fails("--lang", "zh", "--output", "x")
