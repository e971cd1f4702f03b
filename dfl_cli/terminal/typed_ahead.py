"""What a person pastes at a question: the lines after the first answer the questions that follow.

The terminal is left as it is, so a paste is told from typing by its speed, or by the marks of bracketed paste where a terminal sends them.
"""

import os
import re
import select
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

BEGIN, END = "\x1b[200~", "\x1b[201~"  # marks of bracketed paste (xterm)
GAP = 0.03  # seconds without input that end a paste; nobody types a line that fast after Enter
GAP_INSIDE_MARKS = 1.0  # seconds, where the end mark is still to come
END_OF_INPUT = "\x04"  # Ctrl-D; between lines it is one of its own
LINE = re.compile(rf"[^\n{END_OF_INPUT}]*\n|{END_OF_INPUT}")


class TypedAhead:
    """Lines that were pasted and not asked for yet, and perhaps the beginning of one."""

    def __init__(self):
        self._waiting = ""
        self._more_follows = False  # Windows keeps the rest itself

    @property
    def is_paste(self) -> bool:
        """Whether the last answer was a line of a paste that goes on."""
        return bool(self._waiting) or self._more_follows

    @property
    def has_line(self) -> bool:
        return bool(LINE.match(self._waiting)) or self._more_follows

    def line(self) -> str | None:
        """The next whole line with its end, END_OF_INPUT, or None where none waits."""
        found = LINE.match(self._waiting)
        if found is None:
            return None
        self._waiting = self._waiting[found.end() :]
        return found.group()

    def beginning(self) -> str:
        """The text of a line that was pasted without its end."""
        text, self._waiting = self._waiting, ""
        return text

    def after(self, line: str) -> str:
        """`line`, just read from the terminal, without marks; what arrives together with it is kept for later."""
        if os.name == "nt":
            self._more_follows = input_within(GAP)
        else:
            self._waiting += rest_of_paste(line)
        return without_marks(line)

    def keep(self, text: str) -> None:
        """`text` arrived after a line that was read by other means; so does what still arrives together with it."""
        self._waiting += lines_of(text)
        if os.name != "nt":
            self._waiting += rest_of_paste(text)

    def discard(self) -> int:
        """Forget everything; how many lines that were."""
        count, self._waiting, self._more_follows = len(LINE.findall(self._waiting)), "", False
        return count


typed_ahead = TypedAhead()  # of this process's terminal, whoever asks


def input_within(seconds: float) -> bool:
    """Whether stdin has something to read before `seconds` are over."""
    if os.name != "nt":
        return bool(select.select([sys.stdin], [], [], seconds)[0])
    import msvcrt

    end = time.monotonic() + seconds
    while not msvcrt.kbhit() and time.monotonic() < end:
        time.sleep(min(seconds, 0.05))
    return bool(msvcrt.kbhit())


def rest_of_paste(line: str) -> str:
    """What follows `line` on the terminal without a pause."""
    received = b""
    with unbuffered_lines():
        while input_within(GAP_INSIDE_MARKS if is_open(line + received.decode(errors="ignore")) else GAP):
            part = os.read(sys.stdin.fileno(), 1 << 16)
            if not part:
                break
            received += part
    return lines_of(received.decode(sys.stdin.encoding, "replace").replace("\0", END_OF_INPUT))


def lines_of(text: str) -> str:
    """What a terminal sent, as lines; the end of input counts only between lines, as it does at a terminal."""
    text = without_marks(text).replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(rf"(?<=[^\n{END_OF_INPUT}]){END_OF_INPUT}", "", text)


@contextmanager
def unbuffered_lines() -> Iterator[None]:
    """Inside it, the terminal also gives the beginning of a line that has no end yet."""
    import termios

    with local_modes_off(termios.ICANON):
        yield


@contextmanager
def without_echo() -> Iterator[None]:
    """Inside it, the terminal does not show what is typed, such as the escapes of arrow keys."""
    if os.name == "nt" or not reads_keys():
        yield
        return
    import termios

    with local_modes_off(termios.ECHO):
        yield


@contextmanager
def local_modes_off(modes: int) -> Iterator[None]:
    """The terminal of stdin without these of its local modes, see termios(3); the end turns on again what was on."""
    import termios

    descriptor = sys.stdin.fileno()
    settings = termios.tcgetattr(descriptor)
    on = settings[3] & modes
    settings[3] &= ~modes
    termios.tcsetattr(descriptor, termios.TCSANOW, settings)
    try:
        yield
    finally:
        settings = termios.tcgetattr(descriptor)
        settings[3] |= on
        termios.tcsetattr(descriptor, termios.TCSANOW, settings)


def is_open(text: str) -> bool:
    return text.rfind(BEGIN) > text.rfind(END)


def without_marks(text: str) -> str:
    return text.replace(BEGIN, "").replace(END, "")


def reads_keys() -> bool:
    """Whether this process may read its terminal: one in the background that tried would be stopped by the shell."""
    if sys.stdin is None or not sys.stdin.isatty():
        return False
    if os.name == "nt":
        return True
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except OSError:
        return False
