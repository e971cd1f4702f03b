"""What the program is busy with where nothing can be counted: `Building the network: 12s`, on a line that is gone afterwards."""

import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from typing import TextIO

from dfl_cli.terminal.console import is_terminal, say, terminal_size
from dfl_cli.terminal.typed_ahead import without_echo
from dfl_cli.terminal.width import display_width
from dfl_cli.terminal.wrap import beginning
from dfl_cli.translate import tr

SECONDS = 0.5  # between two looks at the clock


class Waiting:
    """A context manager: `show` names what takes time now, until the next one or `done`.

    A terminal gets one line with the seconds, which makes room for whatever is printed meanwhile, and does not show what is
    typed. Elsewhere, as in a log, each of the texts is a line on stdout.

    Args:
        ends: whether the program has been asked to stop, which it does as soon as it can.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, ends: Callable[[], bool] = lambda: False):
        self.clock, self.ends = clock, ends
        self.terminal: TextIO | None = next(filter(is_terminal, (sys.stdout, sys.stderr)), None)
        self.plain = self.terminal is not sys.stdout
        self._lock = threading.RLock()
        self._what, self._began = "", 0.0
        self._painted = False
        self._at_line_start = True  # where the cursor is once the line is cleared
        self._over = threading.Event()
        self._painter: threading.Thread | None = None
        self._redirected, self._without_echo = ExitStack(), ExitStack()

    def __enter__(self) -> "Waiting":
        if self.terminal is not None:
            self._redirected.enter_context(redirect_stdout(SharedStream(sys.stdout, self)))
            self._redirected.enter_context(redirect_stderr(SharedStream(sys.stderr, self)))
        return self

    def __exit__(self, *_) -> None:
        self.done()
        self._redirected.close()

    def show(self, what: str) -> None:
        """`what` takes time from now on."""
        if self.plain:
            say(tr("{what} ...", what=what))
        if self.terminal is None:
            return
        with self._lock:
            self._what, self._began = what, self.clock()
            self._paint()
        if self._painter is None:
            self._without_echo.enter_context(without_echo())
            self._over.clear()
            self._painter = threading.Thread(target=self._repaint, name="dfl-waiting", daemon=True)
            self._painter.start()

    def done(self) -> None:
        """Nothing does any more: the line is cleared."""
        with self._lock:
            self._what = ""
            self._clear()
        if self._painter is not None:
            self._over.set()
            self._painter.join()
            self._painter = None
            self._without_echo.close()

    def write(self, stream: TextIO, text: str) -> int:
        """Text of others, which takes the place of the line."""
        with self._lock:
            self._clear()
            count = stream.write(text)
            if text:
                self._at_line_start = text[-1] in "\r\n"
            return count

    def _repaint(self) -> None:
        while not self._over.wait(SECONDS):
            with self._lock:
                self._paint()

    def _paint(self) -> None:
        if not self._what or not self._at_line_start:  # a question or a progress bar stands there
            return
        room = terminal_size(self.terminal).columns - 1  # a full row would begin the next one
        what = tr("{what}, then stopping", what=self._what) if self.ends() else self._what
        text = waiting_line(what, seconds=int(self.clock() - self._began), room=room)
        self._put(f"\r{text}{' ' * max(0, room - display_width(text))}")
        self._painted = True

    def _clear(self) -> None:
        if self._painted:
            self._put(f"\r{' ' * (terminal_size(self.terminal).columns - 1)}\r")
            self._painted = False

    def _put(self, text: str) -> None:
        self.terminal.write(text)
        self.terminal.flush()


class SharedStream:
    """`stream`, whose terminal shows the line of `waiting` as well."""

    def __init__(self, stream: TextIO, waiting: Waiting):
        self.stream, self._waiting = stream, waiting

    def write(self, text: str) -> int:
        return self._waiting.write(self.stream, text)

    def __getattr__(self, name: str):
        return getattr(self.stream, name)


def waiting_line(what: str, *, seconds: int, room: int) -> str:
    """`Building the network: 12s` in `room` columns: of a text that is too long, the seconds stay."""
    most = room - display_width(tr("{what}: {seconds}s", what="", seconds=seconds))
    return tr("{what}: {seconds}s", what=beginning(what, max(0, most)), seconds=seconds)
