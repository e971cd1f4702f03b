"""`dfl demo` in a folder that is not its own."""

import subprocess
import sys

import numpy as np
import pytest

from dfl_cli.demo.people import SyntheticPlan, write_workspace
from dfl_cli.demo.result import write_sheet
from dfl_cli.main import main
from dfl_cli.options.outputs import own_folder
from programs import ROOT

TINY = SyntheticPlan(src_faces=2, dst_frames=2, frame_size=(96, 96), face_size=64)
FILM = ("data_src/aligned/00001_0.jpg", "data_dst/00001.png", "data_dst/aligned/00001_0.jpg", "model/demo/model.json")


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("names", [FILM, ("notes.txt",), ("contact_sheet.png",), ("truth/00001.png",)])
def test_a_folder_of_somebody_else_is_refused_and_untouched(tmp_path, names, capsys):
    for name in names:
        path = tmp_path / "film" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"years of work")
    before = files(tmp_path)
    assert main(["demo", "--workspace", str(tmp_path / "film"), "--iterations", "1"]) == 1
    assert "files that dfl did not write" in capsys.readouterr().err
    assert files(tmp_path) == before


def test_a_link_to_a_disk_that_is_not_connected_is_no_place_for_a_workspace(tmp_path, capsys):
    (tmp_path / "film").symlink_to(tmp_path / "unplugged")
    assert main(["demo", "--workspace", str(tmp_path / "film"), "--iterations", "1"]) == 1
    assert "target is missing" in capsys.readouterr().err
    assert not (tmp_path / "unplugged").exists()


def test_a_drawing_that_was_interrupted_is_completed_without_replacing_anything(tmp_path):
    write_workspace(tmp_path, TINY)
    whole, missing = files(tmp_path), tmp_path / "data_dst/00002.png"
    missing.unlink()
    write_workspace(tmp_path, TINY)
    assert files(tmp_path) == whole
    missing.write_bytes(b"a frame of the person")
    with pytest.raises(FileExistsError):
        write_workspace(tmp_path, TINY)
    assert missing.read_bytes() == b"a frame of the person"


def test_a_contact_sheet_is_replaced_unless_somebody_changed_it(tmp_path):
    own_folder(tmp_path / "demo", fix="")
    black, white = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)
    first = write_sheet(tmp_path / "demo", black)
    assert write_sheet(tmp_path / "demo", white) == first
    first.write_bytes(b"drawn over")
    other = write_sheet(tmp_path / "demo", black)
    assert first.read_bytes() == b"drawn over" and other.name == "contact_sheet_2.png"


def test_a_full_disk_leaves_no_folder(tmp_path):
    line = [sys.executable, "-m", "dfl_cli.main", "demo", "--workspace", str(tmp_path / "demo")]
    limited = ["bash", "-c", 'ulimit -f 0; trap "" XFSZ; exec "$@"', "bash", *line]
    assert subprocess.run(limited, cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL).returncode == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("flags", [[], ["--from-video"]])
def test_a_file_in_the_place_of_the_workspace_is_said(tmp_path, capsys, flags):
    (tmp_path / "demo").write_text("mine")
    assert main(["demo", "--workspace", str(tmp_path / "demo"), *flags]) == 1
    assert "demo is a file." in capsys.readouterr().err
    assert (tmp_path / "demo").read_text() == "mine"
