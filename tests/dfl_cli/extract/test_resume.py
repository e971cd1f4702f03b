"""An extraction that was interrupted or killed goes on where it was."""

import os
import signal
import subprocess
import sys
import time

import cv2
import pytest

from dfl_cli.extract.index import FILE_NAME, ExtractIndex
from drawn_people import frame_with_face
from kill_points import runs
from programs import running

MODULES = "dfl_cli.extract.run dfl_cli.merge.batch av"


@pytest.mark.parametrize("at", [4, 14, 27])
def test_a_kill_at_any_moment_costs_only_what_was_on_its_way(film, tmp_path, at):
    aligned = tmp_path / "out" / "faces"
    line = ["extract", "--input", film, "--output", aligned, "--json", "--image-size", "256", "--workers", "1"]
    with runs(tmp_path / "log", MODULES) as dfl_runs:
        killed = dfl_runs.run(*line, root=tmp_path / "out", at=at)
        assert killed == -signal.SIGKILL
        known = dict(ExtractIndex(aligned).frames)
        assert dfl_runs.run(*line, root=tmp_path / "out") == 0, dfl_runs.said
    index = ExtractIndex(aligned)
    assert len(index.frames) == 10
    for name, record in known.items():  # was not looked at again
        assert [face.box for face in index.frames[name].faces] == [face.box for face in record.faces]
    assert len(list(aligned.glob("*.jpg"))) == 9
    assert not list(aligned.glob("*.partial")) + list(aligned.glob(".*.partial"))
    assert not (tmp_path / "out" / "faces_trash").exists()


def test_ctrl_c_finishes_what_is_begun_and_the_next_run_does_the_rest(tmp_path):
    frames, aligned = tmp_path / "frames", tmp_path / "faces"
    frames.mkdir()
    for number in range(120):
        cv2.imwrite(str(frames / f"{number:05d}.png"), frame_with_face(number % 10)[0])
    line = [sys.executable, "-m", "dfl_cli.main", "extract", "--input", str(frames), "--output", str(aligned)]
    line += ["--workers", "1", "--image-size", "256"]
    with running(line, stderr=subprocess.PIPE) as program:
        while not ((aligned / FILE_NAME).exists() and (aligned / FILE_NAME).stat().st_size > 10_000):
            assert program.poll() is None, program.stderr.read()
            time.sleep(0.02)
        os.kill(program.pid, signal.SIGINT)
        out, _ = program.communicate()
    assert program.returncode == 130
    assert "Stopped." in out
    done = len(ExtractIndex(aligned).frames)
    assert 0 < done < 120
    assert subprocess.run(line, capture_output=True, check=False).returncode == 0
    assert len(list(aligned.glob("*.jpg"))) == 120
