"""A film or a folder of frames that another process is writing is left to it."""

import os
import signal
import subprocess
import sys

import pytest

from dfl_cli.main import main
from dfl_cli.store.lock import FolderLock, OutputLock
from dfl_cli.store.model_dir import ModelDir
from kill_points import runs
from programs import running


@pytest.fixture
def lines(make_film, tmp_path):
    """`lines(output)`: what writes that film or these frames, by the command's name."""
    film, frames, history = make_film(), tmp_path / "frames", tmp_path / "models" / "ab" / "history" / "SAEHD"
    assert (
        main(["video", "extract", str(film), "--output", str(frames), "--silent-start", "--image-format", "jpg"]) == 0
    )
    model = ModelDir(tmp_path / "models" / "ab")
    model.create("SAEHD", {})
    model.save({"model_class": "SAEHD", "iteration": 60, "options": {}, "seed": 1}, {})
    history.mkdir(parents=True)
    for number, path in enumerate(sorted(frames.iterdir())):
        (history / f"{number:07d}.jpg").write_bytes(path.read_bytes())

    def about(output) -> dict[str, list[str]]:
        models = ["--models", tmp_path / "models", "--output", output]
        known = {
            "extract": ["video", "extract", film, "--output", output, "--silent-start"],
            "join": ["video", "join", frames, "--output-video", output, "--silent-start", "--overwrite"],
            "cut": ["video", "cut", film, "--output-video", output, "--silent-start", "--overwrite"],
            "timelapse": ["model", "timelapse", "ab", *models, "--overwrite"],
            "merge": ["merge", "--video", film, "--aligned", frames, *models, "--batch", "--cpu", "--overwrite"],
        }
        return {name: [str(word) for word in line] for name, line in known.items()}

    return about


@pytest.mark.parametrize("command", ["extract", "join", "cut", "timelapse", "merge"])
def test_it_is_refused_with_the_process_that_writes_it(lines, tmp_path, command, capsys):
    output = tmp_path / ("extracted" if command == "extract" else "out.mp4")
    with (FolderLock if command == "extract" else OutputLock)(output):
        assert main(lines(output)[command]) == 1
        assert f"process {os.getpid()} on" in capsys.readouterr().err
    assert not output.exists()
    assert not (tmp_path / "out.mp4.merging").exists()


def test_of_two_at_once_one_is_there_and_the_other_does_not_say_that_it_is(lines, tmp_path):
    line = [sys.executable, "-m", "dfl_cli.main", *lines(tmp_path / "out.mp4")["join"]]
    line.remove("--overwrite")
    with running(line, stderr=subprocess.PIPE) as one, running(line, stderr=subprocess.PIPE) as two:
        codes = sorted(program.wait(60) for program in (one, two))
    assert codes == [0, 1]
    assert (tmp_path / "out.mp4").is_file()


@pytest.mark.parametrize("name", ["out.mp4", "out.gif"])
def test_after_kill_9_at_any_moment_the_older_film_is_there_or_the_new_one_and_the_next_run_leaves_nothing(
    lines, tmp_path, name
):
    output, folder, at, code = tmp_path / "results" / name, tmp_path / "results", 0, -signal.SIGKILL
    folder.mkdir()
    line = lines(output)["timelapse"]
    with runs(tmp_path / "log", "dfl_cli.model.timelapse dfl_cli.video.write PIL.Image") as dfl_runs:
        while code == -signal.SIGKILL:
            output.write_bytes(b"an older film")
            at += 1
            code = dfl_runs.run(*line, root=folder, at=at)
            assert output.read_bytes() == b"an older film" or output.stat().st_size > 1000, at
        assert (code, at > 3) == (0, True)
        assert dfl_runs.run(*line, root=folder) == 0
    assert [path.name for path in folder.iterdir()] == [name]
