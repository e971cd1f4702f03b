"""The line that counts the seconds: on a terminal, in a log, and together with other lines."""

import io
import sys
import time

import pyte
import pytest

from dfl_cli.terminal.console import notice, say
from dfl_cli.terminal.waiting import SECONDS, Waiting, waiting_line
from dfl_cli.terminal.width import display_width
from dfl_cli.translate import set_language


class Terminal(io.StringIO):
    def isatty(self):
        return True


def new_terminal(monkeypatch) -> Terminal:
    """For stdout and stderr."""
    terminal = Terminal(newline="\r\n")
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


def lines_on(terminal: Terminal) -> list[str]:
    screen = pyte.Screen(80, 24)
    pyte.Stream(screen).feed(terminal.getvalue())
    return [line.rstrip() for line in screen.display if line.strip()]


def test_one_line_shows_what_takes_time_and_for_how_long(monkeypatch):
    terminal = new_terminal(monkeypatch)
    now = [100.0]
    with Waiting(clock=lambda: now[0]) as waiting:
        waiting.show("Building the network")
        now[0] += 12.7
        waiting.show("Compiling the training step")
        now[0] += 23.2
        time.sleep(3 * SECONDS)
        assert lines_on(terminal) == ["Compiling the training step: 23s"]
    assert lines_on(terminal) == []


def test_lines_printed_meanwhile_stay_in_one_piece_above_it(monkeypatch):
    terminal = new_terminal(monkeypatch)
    with Waiting() as waiting:
        waiting.show("Building the network")
        notice("Computing in float32.")
        say("A line.\nAnother.")
        waiting.show("Loading the weights")
        assert lines_on(terminal) == ["Computing in float32.", "A line.", "Another.", "Loading the weights: 0s"]
        waiting.done()
        say("Starting.")
    assert lines_on(terminal) == ["Computing in float32.", "A line.", "Another.", "Starting."]


def test_a_question_and_a_progress_bar_are_not_painted_over(monkeypatch):
    terminal = new_terminal(monkeypatch)
    with Waiting() as waiting:
        waiting.show("Building the network")
        print("Continue? ", end="", flush=True)
        time.sleep(3 * SECONDS)
        assert lines_on(terminal) == ["Continue?"]
        waiting.done()
        assert lines_on(terminal) == ["Continue?"]


def test_an_error_leaves_no_line_behind(monkeypatch):
    terminal = new_terminal(monkeypatch)
    before = sys.stdout, sys.stderr
    with pytest.raises(KeyboardInterrupt), Waiting() as waiting:
        waiting.show("Compiling the training step")
        raise KeyboardInterrupt
    assert lines_on(terminal) == [] and (sys.stdout, sys.stderr) == before


def test_a_log_gets_one_line_for_each(capsys):
    with Waiting() as waiting:
        waiting.show("Building the network")
        waiting.show("Loading the weights")
    assert capsys.readouterr().out == "Building the network ...\nLoading the weights ...\n"


@pytest.mark.parametrize(
    ("language", "what", "line"),
    [
        ("en", "Compiling the training step", "Compiling the training step: 123s"),
        ("en", "Compiling the training step of everything", "Compiling the training step of ev: 123s"),
        ("zh", "正在编译训练步骤", "正在编译训练步骤：123 秒"),
        ("zh", "正在编译训练步骤" * 3, "正在编译训练步骤正在编译训练步：123 秒"),
    ],
)
def test_a_text_that_is_too_long_is_cut_before_the_seconds(language, what, line):
    set_language(language)
    assert waiting_line(what, seconds=123, room=40 - 1) == line and display_width(line) <= 39
