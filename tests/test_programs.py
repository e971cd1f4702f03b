"""The tests of signals mean what they say, however the tests were started."""

import signal
import subprocess
import sys

import pytest

from programs import HEARD, hear_signals, running


@pytest.fixture
def deaf():
    """As under `nohup` and more: none of these signals is heard."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (getattr(signal, name) for name in HEARD)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("name", HEARD)
def test_a_program_hears_a_signal_that_we_were_told_to_ignore(deaf, name):
    code = f"import os, signal; os.kill(os.getpid(), signal.{name})"
    assert subprocess.run([sys.executable, "-c", code], stderr=subprocess.DEVNULL).returncode == 0
    hear_signals()
    assert subprocess.run([sys.executable, "-c", code], stderr=subprocess.DEVNULL).returncode == -getattr(signal, name)


def test_a_program_does_not_outlive_the_test_that_failed():
    with pytest.raises(AssertionError), running([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as program:
        raise AssertionError
    assert program.returncode == -signal.SIGKILL
