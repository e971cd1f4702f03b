"""Two videos in, one video out: extract, train and merge as commands, one after the other."""

import json
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

from dfl_cli.demo.people import SyntheticPlan
from dfl_cli.demo.people.videos import write_videos
from programs import ROOT

PLAN = SyntheticPlan(src_faces=6, dst_frames=4, frame_size=(160, 160))
SMALL = ["--resolution=64", "--ae-dims=32", "--e-dims=16", "--d-dims=16", "--d-mask-dims=16", "--batch-size=2"]


@pytest.fixture
def dfl(tmp_path):
    """Runs a command in a folder of its own and returns what it printed."""

    def run(*words):
        line = [sys.executable, "-m", "dfl_cli.main", *map(str, words)]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "DFL_LANG": "en"}
        done = subprocess.run(
            line, cwd=tmp_path, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_two_videos_become_one_with_the_swapped_face(dfl, tmp_path, read_film):
    write_videos(tmp_path / "film", PLAN)
    found = {side: json.loads(dfl("extract", side, "--workspace", "film", "--json")) for side in ("src", "dst")}
    assert [(side["frames"], side["faces"]) for side in found.values()] == [(6, 6), (4, 4)]

    dfl("train", "--workspace", "film", "--name", "ab", "--silent-start", "--cpu", *SMALL, "--target-iter", "2")
    film = "film/data_dst.mp4"
    dfl("merge", "--workspace", "film", "--video", film, "--output", "swapped.mp4", "--batch", "--cpu")

    before, after = read_film(tmp_path / film), read_film(tmp_path / "swapped.mp4")
    assert after.times == before.times
    for picture, swapped, number in zip(before.pictures, after.pictures, range(1, 5), strict=True):
        mask = cv2.imread(str(tmp_path / f"film/truth/mask/{number:05}.png"), cv2.IMREAD_GRAYSCALE)
        change = np.abs(picture.astype(int) - swapped).mean(axis=2)
        far = cv2.dilate(mask, np.ones((25, 25), np.uint8)) == 0
        assert change[mask == 255].mean() > 3 * change[far].mean() + 2  # a face, and nothing beside it
