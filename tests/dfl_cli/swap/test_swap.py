"""`dfl swap` on two short clips of real people: from nothing to a video, stopped on the way and resumed."""

import json
import os
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest

from dfl_cli.main import main
from dfl_cli.provenance.claim import read_packet
from dfl_cli.provenance.file_metadata import search
from dfl_cli.store.lock import FolderLock
from dfl_cli.store.model_dir import ModelDir
from programs import ROOT, running

TINY = """
resolution = 64
face_type = "wf"
archi = "df"
ae_dims = 32
e_dims = 16
d_dims = 16
d_mask_dims = 16
batch_size = 2
precision = "float32"
"""
STAGES = 6
MOMENT = 0.4  # seconds after a stage has begun, in the midst of its work


@pytest.fixture
def clips(shared):
    """A clip of 73 frames, and one of 23."""
    folder = shared / "data" / "videos"
    return [str(folder / "please.mkv"), str(folder / "intel_headpose_female.gif")]


@pytest.fixture
def swap(clips, tmp_path):
    """The words of the command: two clips, a tiny model, four iterations."""
    answers = tmp_path / "tiny.toml"
    answers.write_text(TINY)
    return [
        "swap", *clips, "--output", str(tmp_path / "film.mkv"), "--workspace", str(tmp_path / "work"), "--cpu",
        "--no-probe", "--answers", str(answers), "--target-iter", "4", "--preview", "off", "--lang", "en",
    ]  # fmt: skip


def edit_of(text, **values):
    lines = text.splitlines()
    return "\n".join(next((f"{key} = {value}" for key, value in values.items() if line.startswith(f"{key} ")), line)
                     for line in lines) + "\n"  # fmt: skip


@pytest.mark.timeout(600)
def test_two_clips_become_a_film_and_the_same_command_continues(eagerly, swap, tmp_path, capsys, read_film):
    work, film = tmp_path / "work", tmp_path / "film.mkv"
    assert main(swap) == 0
    said = capsys.readouterr().out
    assert [f"[{number}/{STAGES}] " in said for number in range(1, STAGES + 1)] == [True] * STAGES
    assert said.count(" of dst's ") == 1
    assert len(read_film(film).pictures) == 23
    assert "compositeWithTrainedAlgorithmicMedia" in read_packet(search(film).packet).source_type
    assert ModelDir(work / "model" / "swap").exists
    assert len(list((work / "data_src" / "aligned").glob("*.jpg"))) == 73

    before = film.read_bytes()
    assert main(swap) == 0
    assert capsys.readouterr().out.count("Done before") == 5 and film.read_bytes() == before

    (work / "swap.toml").write_text(edit_of((work / "swap.toml").read_text(), batch_size=3))
    longer = [word for word in swap if word not in ("--answers", str(tmp_path / "tiny.toml"))]
    longer[longer.index("4")] = "5"
    assert main(longer) == 0
    said = capsys.readouterr().out
    assert "which was edited" in said and "batch_size: 3" in said and film.read_bytes() != before
    assert json.loads((work / "swap.json").read_text())["done"]["train"]["target"] == 5


def test_other_videos_are_refused_in_the_same_workspace(swap, clips, tmp_path, capsys):
    work = tmp_path / "work"
    work.mkdir()
    videos = {side: {"path": "film.mp4", "bytes": 1, "content": "00"} for side in ("src", "dst")}
    (work / "swap.json").write_text(json.dumps({"format": 1, "videos": videos, "done": {}}))
    assert main(swap) == 1
    said = capsys.readouterr().err
    assert "workspace of another swap" in said and "src is film.mp4 there" in said and "--workspace" in said


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1, "videos": {}, "done": {"fit": {"src_side": "wide"}}}'])
def test_a_damaged_note_is_explained(swap, tmp_path, capsys, text):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "swap.json").write_text(text)
    assert main(swap) == 1
    assert "swap.json" in capsys.readouterr().err


def test_a_folder_of_the_person_is_left_alone(swap, tmp_path, capsys):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "letter.txt").write_text("mine")
    assert main(swap) == 1
    assert "letter.txt" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["letter.txt"]


def test_an_existing_film_is_not_replaced_without_asking(swap, tmp_path, capsys):
    (tmp_path / "film.mkv").write_bytes(b"holiday")
    assert main(swap) == 1
    assert "already exists" in capsys.readouterr().err and (tmp_path / "film.mkv").read_bytes() == b"holiday"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("side", ["src", "dst"])
def test_what_is_no_video_is_refused_before_any_work(clips, tmp_path, side, language, capsys):
    (tmp_path / "broken.mp4").write_text("hello")
    cv2.imwrite(str(tmp_path / "holiday.jpg"), np.zeros((64, 64, 3), np.uint8))
    for name, words in (
        ("broken.mp4", ("video", "视频")),
        ("holiday.jpg", ("image", "图片")),
        ("gone.mp4", ("video", "视频")),
    ):
        videos = [*clips]
        videos[side == "dst"] = str(tmp_path / name)
        assert main(["swap", *videos, "--output", str(tmp_path / "film.mkv"), "--lang", language]) == 1
        said = capsys.readouterr().err
        assert name in said and words[language == "zh"] in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.mp4", "holiday.jpg"]


@pytest.mark.parametrize(
    ("words", "said"), [(("--output", "film.txt", "--dry-run"), ".mkv"), (("--answers", "gone.toml"), "gone.toml")]
)
def test_wrong_files_are_refused_before_any_work(clips, tmp_path, words, said, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["swap", *clips, "--output", "film.mkv", "--cpu", "--no-probe", *words]) == 1
    assert said in capsys.readouterr().err and list(tmp_path.iterdir()) == []


def test_the_same_video_twice_needs_two_people(clips, tmp_path, capsys):
    words = ["swap", clips[0], clips[0], "--output", str(tmp_path / "film.mkv"), "--cpu", "--dry-run", "--no-probe"]
    assert main(words) == 1
    assert "--src-person" in capsys.readouterr().err
    assert main([*words, "--src-person", "A", "--dst-person", "B"]) == 0


def test_two_runs_at_once_are_refused(swap, tmp_path, capsys):
    with FolderLock(tmp_path / "work"):
        assert main(swap) == 1
    assert "Another process is writing" in capsys.readouterr().err


def test_a_dry_run_shows_stages_and_recipe_and_writes_nothing(clips, tmp_path, capsys):
    words = ["swap", *clips, "--output", str(tmp_path / "film.mkv"), "--cpu", "--dry-run", "--no-probe", "--lang", "en"]
    assert main([*words, "--target-iter", "10000"]) == 0
    said = capsys.readouterr().out
    assert f"[{STAGES}/{STAGES}]" in said and "resolution = 96" in said and "until_iter = 6000" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("given", "code"), [("8h", 0), ("1d12h", 0), ("soon", 2), ("0h", 2), ("8", 2)])
def test_a_time_has_units(clips, tmp_path, given, code, capsys):
    words = ["swap", *clips, "--output", str(tmp_path / "film.mkv"), "--cpu", "--dry-run", "--no-probe"]
    assert main([*words, "--time", given]) == code


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_stopped_in_every_stage_the_same_command_finishes(swap, tmp_path, number, read_film):
    """The film is there only at the end, and what each stage left is used by the next run."""
    marks = [f"[{stage}/{STAGES}]" for stage in (1, 2, 3, 5, 6)] + ["#000001"]
    for mark in sorted(marks, key=lambda mark: (mark.startswith("#"), mark)):
        code, said = stopped_at(mark, swap, number)
        assert code in (0, 130, 128 + number, -number), said
        assert number == signal.SIGKILL or code == 0 or "the same command again" in said
    code, said = stopped_at("no such mark", swap, number)
    assert code == 0, said
    assert len(read_film(tmp_path / "film.mkv").pictures) == 23


def stopped_at(mark, words, number):
    """Run the command and send the signal when it says `mark`; its exit code and what it said."""
    line = [sys.executable, "-m", "dfl_cli.main", *words]
    with running(line, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.STDOUT) as program:
        said = ""
        while text := program.stdout.readline():
            said += text
            if mark in text:
                time.sleep(MOMENT)
                program.send_signal(number)
    return program.returncode, said
