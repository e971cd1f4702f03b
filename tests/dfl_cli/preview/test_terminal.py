"""Previews in a terminal: what it is asked, what it may answer, and that nothing hangs or is left behind."""

import os
import pty
import re
import select
import sys
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest

from dfl_cli.classes.preview import Preview
from dfl_cli.preview.terminal import TerminalScreen, can_draw, detect_graphics, fitted, graphics_query

KITTY = {"TERM": "xterm-kitty"}


@contextmanager
def terminal(monkeypatch, answer: str):
    """A terminal as stdin and stdout, that answers `\\x1b[c`; gives the list of what it was sent."""
    master, slave = pty.openpty()
    os.set_blocking(master, False)
    sent, ended = [], threading.Event()

    def behave():
        while not ended.is_set():
            if select.select([master], [], [], 0.02)[0]:
                sent.append(os.read(master, 65536).decode())
                if "\x1b[c" in sent[-1]:
                    os.write(master, answer.encode())

    thread = threading.Thread(target=behave)
    thread.start()
    with os.fdopen(slave, "w", encoding="utf-8", closefd=False) as out, os.fdopen(slave, closefd=False) as source:
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stdin", source)
        try:
            yield sent
        finally:
            time.sleep(0.1)
            ended.set()
            thread.join()
            monkeypatch.undo()
    os.close(slave)
    os.close(master)


@pytest.mark.parametrize(
    ("environment", "answer", "graphics"),
    [
        (KITTY, "\x1b_Gi=31;OK\x1b\\\x1b[?62;c", "kitty"),
        (KITTY, "\x1b[?62;4c", "sixel"),
        ({"TERM": "foot"}, "\x1b[?62;4;22c", "sixel"),
        ({"TERM": "xterm-256color"}, "\x1b[?64;14c", "blocks"),
    ],
)
def test_the_best_the_terminal_says_it_can_is_used(monkeypatch, environment, answer, graphics):
    with terminal(monkeypatch, answer):
        found = detect_graphics(environment)
    assert found == graphics


def test_a_terminal_that_does_not_answer_is_not_waited_for_and_gets_blocks(monkeypatch):
    with terminal(monkeypatch, ""):
        assert detect_graphics({"TERM": "xterm"}) == "blocks"


@pytest.mark.parametrize(
    "environment", [{**KITTY, "TMUX": "/tmp/tmux-0"}, {"TERM": "screen"}, {"TERM": "xterm-256color"}]
)
def test_who_might_print_the_question_for_kitty_is_not_asked_it(environment):
    assert graphics_query(environment) == "\x1b[c"


def test_a_preview_takes_the_place_of_the_loss_line_and_fits_the_terminal(monkeypatch):
    with terminal(monkeypatch, "\x1b[?64c") as sent:
        import fcntl
        import struct
        import termios

        fcntl.ioctl(sys.stdout.fileno(), termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
        screen = TerminalScreen()
        screen.graphics = "blocks"
        screen.show(np.full((30, 80, 3), 200, np.uint8), "SAEHD [1/2]")
    said = "".join(sent).replace("\r\n", "\n")
    assert said.startswith("\r\x1b[KSAEHD [1/2]\n")
    lines = re.sub(r"\x1b\[[\d;]*[mK]", "", said).splitlines()
    assert [len(line) for line in lines if "▀" in line] == [40] * 8


@pytest.mark.parametrize(
    ("columns", "lines", "size"),
    [
        (
            80,
            24,
            (41, 80),
        ),  # the graph and the first of four faces, in the 44 rows of half blocks left by title and loss line
        (80, 36, (57, 80)),  # two faces
        (400, 200, (356, 320)),  # all as they are
        (200, 30, (56, 109)),  # a wide terminal: small enough that one face fits
    ],
)
def test_a_picture_too_tall_for_the_terminal_loses_its_last_faces(columns, lines, size):
    picture = np.zeros((100 + 4 * 64, 320, 3), np.uint8)
    ends = Preview("SAEHD", np.zeros((4 * 64, 320, 3)), rows=4).ends(above=100)
    assert fitted(picture, width=columns, height=2 * (lines - 2), ends=ends).shape[:2] == size


def test_a_preview_never_scrolls_its_title_away(monkeypatch):
    with terminal(monkeypatch, "") as sent:
        import fcntl
        import struct
        import termios

        fcntl.ioctl(sys.stdout.fileno(), termios.TIOCSWINSZ, struct.pack("HHHH", 10, 20, 0, 0))
        screen = TerminalScreen()
        screen.graphics = "blocks"
        screen.show(np.zeros((200, 20, 3), np.uint8), "a title of 23 characters")
    said = "".join(sent).replace("\r\n", "\n")
    assert said.count("\n") == 1 + 7  # the title takes two lines of ten, the loss line will take one


def test_a_large_picture_is_written_in_pieces_that_any_console_takes(monkeypatch):
    written = []
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(write=written.append, flush=lambda: None))
    monkeypatch.setattr("dfl_cli.preview.terminal.terminal_size", lambda: (200, 80, 8, 16))
    screen = TerminalScreen()
    screen.graphics = "blocks"
    screen.show(np.random.default_rng(1).integers(0, 256, (120, 160, 3), np.uint8), "SAEHD [1/2]")
    assert max(len(text.encode()) for text in written) < 32768 < len("".join(written).encode())
    assert "".join(written).count("▀") == 60 * 160


def test_a_pipe_gets_no_pictures(capsys):
    assert not can_draw({})


def test_a_terminal_without_half_blocks_gets_no_pictures(monkeypatch):
    with terminal(monkeypatch, ""):
        sys.stdout.reconfigure(encoding="latin-1")
        assert not can_draw({"TERM": "xterm"})


def test_a_dumb_terminal_gets_no_pictures(monkeypatch):
    with terminal(monkeypatch, ""):
        assert not can_draw({"TERM": "dumb"})
        assert can_draw({"TERM": "xterm"})
