"""The window on a virtual screen."""

import json
import os
import shutil
import subprocess
import threading
import time

import pytest

from dfl_cli.merge.watch.window import key_of


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


class Keyboard:
    """Types into the window. OpenCV keeps one key only, so the next one waits until the last was heard."""

    def __init__(self, screen: str, program: subprocess.Popen):
        self.environment, self.program = {**os.environ, "DISPLAY": screen}, program
        window = self.xdotool("search", "--sync", "--onlyvisible", "--name", "Merger").split()[0]
        self.xdotool("windowfocus", "--sync", window)
        time.sleep(0.5)  # without a window manager nothing tells when keys begin to arrive

    def xdotool(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=self.environment, capture_output=True, text=True, timeout=30, check=True
        )
        return done.stdout

    def change(self, key: str, *, shift: bool = False) -> None:
        """Type a key that changes the session, and wait until the new settings are in the terminal."""
        if shift:
            self.xdotool("keydown", "shift")
            time.sleep(0.4)
        self.xdotool("key", key)
        if shift:
            self.xdotool("keyup", "shift")
        assert any(line.startswith("====") for line in self.program.stderr)

    def look(self, key: str) -> None:
        """Type a key that changes at most what is seen."""
        self.xdotool("key", key)
        time.sleep(0.4)


def test_frames_are_merged_by_keys(screen, start, film):
    program = start("window", DISPLAY=screen)
    patience = threading.Timer(60, program.kill)
    patience.start()
    keyboard = Keyboard(screen, program)
    keyboard.look("w")  # the help screen is seen first, where it means nothing
    keyboard.look("Tab")
    keyboard.change("w")
    keyboard.change("w", shift=True)
    keyboard.change("period")
    keyboard.change("s")
    keyboard.look("v")
    keyboard.look("equal")
    keyboard.look("Escape")
    said = program.communicate()[1]
    patience.cancel()
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
