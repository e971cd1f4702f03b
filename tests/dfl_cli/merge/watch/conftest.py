"""A film of four frames, and an interactive merge of it as a running program."""

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[4]
PROGRAM = Path(__file__).with_name("watched_merge.py")


@pytest.fixture
def film(tmp_path, recorded):
    for name in ("frames", "merged"):
        (tmp_path / name).mkdir()
    for number in range(4):
        cv2.imwrite(str(tmp_path / "frames" / f"{number}.png"), np.roll(recorded.frame, number, axis=2))
    return tmp_path


@pytest.fixture
def start(film, fixtures):
    """`start("browser")`: the program, ended with the test."""
    running = []

    def run(way: str, **environment: str) -> subprocess.Popen:
        command = [sys.executable, "-u", PROGRAM, way, film / "frames", film / "merged", fixtures]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        environment.pop("PYTEST_CURRENT_TEST", None)  # NiceGUI behaves otherwise under pytest
        running.append(
            subprocess.Popen(
                command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
            )
        )
        return running[-1]

    yield run
    for program in running:
        if program.poll() is None:
            program.kill()
        program.communicate()
