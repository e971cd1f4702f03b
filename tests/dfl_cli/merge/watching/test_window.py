"""The window on a virtual screen."""

import json
import os
import shutil
import subprocess
import time

import pytest

from dfl_cli.merge.window import key_of


@pytest.fixture
def screen():
    """A virtual display; gives its name."""
    if not (shutil.which("Xvfb") and shutil.which("xdotool")):
        pytest.skip("Xvfb or xdotool is not on this machine")
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    yield f":{server.stdout.readline().strip()}"
    server.terminate()
    server.communicate()


def test_frames_are_merged_by_keys(screen, start, film):
    program = start("window", DISPLAY=screen)

    def xdotool(*words: str) -> str:
        environment = {**os.environ, "DISPLAY": screen}
        done = subprocess.run(["xdotool", *words], env=environment, capture_output=True, text=True, timeout=20)
        return done.stdout

    window = xdotool("search", "--sync", "--onlyvisible", "--name", "Merger").split()[0]
    xdotool("windowfocus", "--sync", window)
    time.sleep(0.5)  # without a window manager nothing tells when the keys arrive
    keys = ["w", "Tab", "w", "shift+w", "period", "s", "v", "equal", "Tab", "Escape"]
    for key in keys:  # the first w is typed on the help screen, where it means nothing
        xdotool("key", key)
        time.sleep(0.1)
    said = program.communicate(timeout=20)[1]
    assert program.returncode == 0, said
    session = json.loads((film / "merged" / ".dfl-merge-session.json").read_text(encoding="utf-8"))
    erosions = [settings["erode_mask_modifier"] for settings in session["settings"]]
    given = [settings if settings is None else erosions[settings] for _, _, settings, _ in session["frames"]]
    assert (given, session["position"]) == ([6, 5, None, None], "1.png")
    assert sorted(path.name for path in (film / "merged").glob("*.png")) == ["0.png", "1.png"]


def test_shift_counts_for_the_key_after_it():
    assert (key_of(ord("w"), shift=False), key_of(ord("w"), shift=True), key_of(ord("?"), shift=True)) == (
        "w",
        "W",
        "?",
    )
    assert key_of(0xFF51, shift=False) == ""
