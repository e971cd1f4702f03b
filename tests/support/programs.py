"""Programs that tests start, send signals to, and end."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def survive(_number, _frame) -> None:
    """A handler that does nothing: unlike SIG_IGN it is not handed on to programs started from here."""


HEARD = {"SIGINT": signal.default_int_handler, "SIGTERM": signal.SIG_DFL, "SIGHUP": survive}


def hear_signals() -> None:
    """Let programs started from here hear the signals that whoever started us made us deaf to: `nohup` to SIGHUP, a shell's `&` to SIGINT.

    The tests themselves go on after a lost connection, as `nohup` promises.
    """
    for name, handler in HEARD.items():
        if signal.getsignal(getattr(signal, name)) is signal.SIG_IGN:
            signal.signal(getattr(signal, name), handler)


@contextmanager
def running(line, **how) -> Iterator[subprocess.Popen]:
    """A program without a terminal, its output in `.stdout`. At the end of the block it is waited for, after a failure it is killed."""
    how = {"cwd": ROOT, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "text": True} | how
    with subprocess.Popen(line, **how) as program:
        try:
            yield program
        except BaseException:
            program.kill()
            raise
