import fcntl
import io
import os
import pty
import re
import struct
import termios

import numpy as np
import pytest

from dfl_cli.train.report import LossReport, duration, loss_line, padded_to


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_loss_line_has_the_fields_everybody_knows():
    line = loss_line(123, 0.245, np.array([0.12341, 0.2345]))
    assert re.fullmatch(r"\[\d\d:\d\d:\d\d\]\[#000123\]\[0245ms\]\[0\.1234\]\[0\.2345\]", line)


def test_a_slow_step_is_told_in_seconds():
    assert "[12.34s]" in loss_line(1, 12.3456, np.array([1.0]))


def test_on_a_terminal_the_line_overwrites_itself_and_a_save_leaves_the_mean():
    terminal = Terminal()
    report = LossReport(terminal)
    report.step(1, 0.1, np.array([1.0, 3.0]), waited=0.0)
    report.step(2, 0.1, np.array([2.0, 5.0]), waited=0.3)
    report.end_line()
    first, second, blank, settled = terminal.getvalue().split("\r")[1:]
    assert first.rstrip().endswith("[1.0000][3.0000] waited for faces 0%")
    assert second.rstrip().endswith("[2.0000][5.0000] waited for faces 60%")
    assert (len(first), blank.strip()) == (79, "")
    assert settled.endswith("[1.5000][4.0000]\n")


def test_a_measure_is_shown_until_there_is_a_newer_one():
    terminal = Terminal()
    report = LossReport(terminal)
    report.show_measure("IoU", 0.90123)
    report.step(1, 0.1, np.array([1.0]), waited=0.0)
    report.show_measure("IoU", 0.91)
    report.step(2, 0.1, np.array([1.0]), waited=0.0)
    first, second = terminal.getvalue().split("\r")[1:]
    assert first.rstrip().endswith("[1.0000] IoU 0.901, waited for faces 0%")
    assert second.rstrip().endswith("[1.0000] IoU 0.910, waited for faces 0%")


def test_in_a_narrow_terminal_the_line_still_overwrites_itself():
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 30, 0, 0))
    with os.fdopen(slave, "w") as terminal:
        LossReport(terminal).step(1, 0.1, np.array([1.0, 3.0]), waited=0.0)
        line = os.read(master, 1024).decode()
    os.close(master)
    assert re.fullmatch(r"\r\[\d\d:\d\d:\d\d\]\[#000001\]\[0100ms\]\[1", line)  # 29 characters


def test_a_notice_has_a_line_of_its_own(capsys):
    terminal = Terminal()
    report = LossReport(terminal)
    report.step(1, 0.1, np.array([1.0, 3.0]), waited=0.0)
    report.notice("The window is closed.")
    assert (terminal.getvalue()[-1], capsys.readouterr().err) == ("\n", "The window is closed.\n")


def test_elsewhere_a_line_comes_every_few_seconds_with_means():
    now, output = [0.0], io.StringIO()
    report = LossReport(output, clock=lambda: now[0], end=lambda: 1204)
    for iteration, now[0] in enumerate((0.0, 4.0, 9.0, 12.0), start=1):
        report.step(iteration, 0.1, np.array([float(iteration), 0.0]), waited=0.1)
    lines = output.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0].endswith("[#000001][0100ms][1.0000][0.0000] waited for faces 50%")  # too early for a time left
    assert lines[1].endswith("[#000004][0100ms][3.0000][0.0000] 1h20m left, waited for faces 50%")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (59, "59s"), (720, "12m"), (3599, "60m"), (8000, "2h13m"), (273600, "3d4h")]
)
def test_a_duration_has_its_two_largest_units(seconds, text):
    assert duration(seconds) == text


def test_what_does_not_fit_the_terminal_is_left_out():
    assert padded_to("2h13m left", room=12) == " 2h13m left"
    assert padded_to("2h13m left", room=11) == ""
    assert padded_to("剩余", room=6) == " 剩余"
