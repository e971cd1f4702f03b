"""The README's commands run as they stand, and what it links to exists."""

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from dfl_cli.main import main
from programs import ROOT, running

PAGES = ("README.md", "README.zh.md")
SMALL = {  # what a test has time for: the environment answers the questions
    "DFL_CPU": "1", "DFL_RESOLUTION": "64", "DFL_AE_DIMS": "32", "DFL_E_DIMS": "16", "DFL_D_DIMS": "16",
    "DFL_D_MASK_DIMS": "16", "DFL_BATCH_SIZE": "2", "DFL_TARGET_ITER": "1", "DFL_LANG": "en",
}  # fmt: skip
FRAMES = 2  # of each video
TINY = [
    f"{name.removeprefix('DFL_').lower()} = {SMALL[name]}" for name in SMALL if name[-4:] in ("DIMS", "SIZE", "TION")
]
MORE = {
    "dfl demo": ["--iterations", "1"],
    "dfl swap": ["--answers", "tiny.toml", "--target-iter", "1", "--no-probe", "--cpu"],
}


def commands(page: str) -> list[str]:
    """The `dfl` and `cd` command lines of the page's code blocks, without comments."""
    blocks = re.findall(r"^```\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.M | re.S)
    lines = (line.split("  #")[0].strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line.startswith(("dfl ", "cd "))]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """Where the commands run: a workspace of two drawn frames for the demo, and two videos of as many."""
    from dfl_cli.demo.people import SyntheticPlan, write_workspace
    from dfl_cli.demo.people.videos import write_videos

    home = tmp_path_factory.mktemp("readme")
    plan = SyntheticPlan(src_faces=FRAMES, dst_frames=FRAMES, frame_size=(160, 160), face_size=64)
    write_workspace(home / "demo-workspace", plan)
    (home / "demo-workspace" / "truth" / "complete").touch()
    write_videos(home / "my-film", plan)
    (home / "tiny.toml").write_text("\n".join(TINY))
    return home


@pytest.mark.timeout(1200)
def test_the_commands_run_in_the_order_in_which_they_stand(eagerly, home, monkeypatch, capfd):
    """In this process, where TensorFlow is loaded once. Pages are served by a process of their own, until Ctrl-C."""
    monkeypatch.chdir(home)
    for name, value in SMALL.items():
        monkeypatch.setenv(name, value)
    for line in commands("README.md"):
        words = [*shlex.split(line)[1:], *more(line)]
        if line.startswith("cd "):
            monkeypatch.chdir(words[0])
        elif line.endswith("--web"):
            assert_serves_until_ctrl_c(words, home)
        else:
            assert main(words) == 0, f"{line}\n{capfd.readouterr()}"
    assert (home / "demo-workspace" / "contact_sheet.png").exists()
    for side in ("data_src", "data_dst"):
        frames, faces = home / "my-film" / side, home / "my-film" / side / "aligned"
        assert len(list(frames.glob("*.png"))) == len(list(faces.glob("*.jpg"))) == FRAMES
    for film in (home / "my-film" / "swapped.mp4", home / "my-film" / "film.mp4"):
        assert_swapped(home / "my-film", film)


def more(line: str) -> list[str]:
    return next((words for start, words in MORE.items() if line == start or line.startswith(f"{start} my")), [])


def assert_serves_until_ctrl_c(words: list[str], home: Path) -> None:
    line = [sys.executable, "-m", "dfl_cli.main", *words]
    with running(line, cwd=home, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.STDOUT) as program:
        said = ""
        while "http" not in said:
            said += program.stdout.readline() or pytest.fail(said)
        program.send_signal(signal.SIGINT)
        said += program.communicate(timeout=240)[0]
    assert program.returncode in (0, 130), said


def assert_swapped(film: Path, swapped: Path) -> None:
    """Every frame has changed where its face is, and nowhere else."""
    before, after = frames_of(film / "data_dst.mp4"), frames_of(swapped)
    assert list(after) == list(before)
    for number, time in enumerate(before, start=1):
        mask = cv2.imread(str(film / f"truth/mask/{number:05}.png"), cv2.IMREAD_GRAYSCALE)
        change = np.abs(before[time].astype(int) - after[time]).mean(axis=2)
        far = cv2.dilate(mask, np.ones((25, 25), np.uint8)) == 0
        assert change[mask == 255].mean() > 3 * change[far].mean() + 2


def frames_of(film: Path) -> dict:
    """Its frames (H, W, 3) by the time they are shown, in seconds."""
    import av

    with av.open(str(film)) as container:
        return {frame.pts * frame.time_base: frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)}


def test_both_languages_show_the_same_commands():
    first, second = map(commands, PAGES)
    assert first == second and len(first) == 9


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_links_to_exists(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text)}
    assert [link for link in links if link and not (ROOT / link).exists()] == []
    targets = set(re.findall(r"`make (\w+)`", text)) | set(re.findall(r"^make (\w+)", text, re.M))
    assert targets <= set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    scripts = re.findall(r"python ((?:docs|benchmarks)/\S+\.py)", text)
    assert [script for script in scripts if not (ROOT / script).exists()] == []
