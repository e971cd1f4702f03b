"""The preview window, under a virtual X server where there is one: pictures go out, keys come in, and it may go away."""

import shutil
import subprocess
import time

import numpy as np
import pytest

from dfl_cli.preview.window import PreviewWindow, error_line, framed


@pytest.fixture
def display(monkeypatch):
    """An X server that can be pressed on with xdotool; gives its process."""
    if not (shutil.which("Xvfb") and shutil.which("xdotool")):
        pytest.skip("needs Xvfb and xdotool")
    line = ["Xvfb", "-displayfd", "1", "-screen", "0", "800x600x24"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        monkeypatch.setenv("DISPLAY", f":{server.stdout.readline().strip()}")
        yield server
        server.terminate()


def wait_for(what, seconds: float = 30):
    """The first true value of `what()`."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return found


def xdotool(*words: str) -> str:
    return subprocess.run(["xdotool", *words], capture_output=True, text=True).stdout.strip()


def test_keys_pressed_in_the_window_arrive_and_a_lost_display_is_said_once(display, capsys):
    with PreviewWindow("Preview of ab") as window:
        window.show(np.zeros((100, 320, 3), np.uint8), "SAEHD [1/2]")
        wait_for(lambda: xdotool("search", "--name", "Preview of ab"))
        xdotool("mousemove", "100", "50")
        first = wait_for(lambda: xdotool("key", "s") or window.pressed())  # the window may not have the keyboard yet
        while window.pressed():
            pass
        xdotool("key", "Left", "Return", "question")
        later = [wait_for(window.pressed) for _ in range(2)]
        while "s" in later:
            later.remove("s")
            later.append(wait_for(window.pressed))
        display.terminate()
        wait_for(lambda: window.pressed() is None and not window.open)
        window.pressed()
    assert (first, later) == ("s", ["enter", "?"])  # the arrow is no key
    assert capsys.readouterr().err.count("Cannot open a preview window") == 1


def test_without_a_display_training_goes_on_with_one_line(monkeypatch, capsys):
    monkeypatch.setenv("DISPLAY", ":987")
    with PreviewWindow("Preview of ab") as window:
        wait_for(lambda: window.pressed() is None and not window.open)
        window.show(np.zeros((8, 8, 3), np.uint8), "SAEHD [1/2]")
    assert "could not connect to display :987" in capsys.readouterr().err


def test_text_stands_above_the_picture_in_any_language():
    picture = np.full((100, 320, 3), 200, np.uint8)
    shown = framed(picture, ["[s] 保存", "SAEHD [1/2]"])
    np.testing.assert_array_equal(shown[30:, :320], picture)
    assert shown[:15].max() > 150 and shown[15:30].max() > 150


def test_a_picture_too_tall_for_a_screen_is_shrunk():
    assert framed(np.zeros((1380, 1920, 3), np.uint8), []).shape == (900, 1252, 3)


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("qt.qpa.xcb: could not connect to display :9\nAborted", "qt.qpa.xcb: could not connect to display :9"),
        ("Traceback\n  File x\ncv2.error: no GUI here\n", "cv2.error: no GUI here"),
        ("", ""),
    ],
)
def test_the_telling_line_is_found_in_what_a_window_system_writes(words, cause):
    assert error_line(words) == cause
