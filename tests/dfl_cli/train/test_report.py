import io
import re

import numpy as np

from dfl_cli.train.report import LossReport, loss_line


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
    report.step(1, 0.1, np.array([1.0, 3.0]))
    report.step(2, 0.1, np.array([2.0, 5.0]))
    report.settle()
    lines = terminal.getvalue().split("\r")[1:]
    assert [line.count("\n") for line in lines] == [0, 0, 1]
    assert lines[2].endswith("[1.5000][4.0000]\n")


def test_elsewhere_a_line_comes_every_few_seconds_with_means():
    now, output = [0.0], io.StringIO()
    report = LossReport(output, clock=lambda: now[0])
    for iteration, now[0] in enumerate((0.0, 4.0, 9.0, 11.0), start=1):
        report.step(iteration, 0.1, np.array([float(iteration), 0.0]))
    lines = output.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[1].endswith("[#000004][0100ms][3.0000][0.0000]")
