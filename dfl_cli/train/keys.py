"""Keys of the terminal, read without waiting and without Enter."""

import os
import select
import sys

NAMES = {"\n": "enter", "\r": "enter", " ": "space"}


class TerminalKeys:
    """A context manager: inside it, `pressed()` returns the next key or None.

    Without a terminal, or when the program runs in the background of its shell, no key is ever pressed.
    """

    def __enter__(self):
        self._descriptor = sys.stdin.fileno() if _reads_keys() else None
        if self._descriptor is not None and os.name == "posix":
            import termios
            import tty

            self._settings = termios.tcgetattr(self._descriptor)
            tty.setcbreak(self._descriptor)  # leaves Ctrl-C a signal
        return self

    def __exit__(self, *_):
        if self._descriptor is not None and os.name == "posix":
            import termios

            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._settings)

    def pressed(self) -> str | None:
        """'enter', 'space' or the letter in lower case; None when no key waits."""
        if self._descriptor is None:
            return None
        character = self._read()
        return NAMES.get(character, character.lower()) if character else None

    def _read(self) -> str:
        if os.name == "nt":
            import msvcrt

            return msvcrt.getwch() if msvcrt.kbhit() else ""
        ready, _, _ = select.select([self._descriptor], [], [], 0)
        return os.read(self._descriptor, 1).decode(errors="ignore") if ready else ""


def _reads_keys() -> bool:
    """Whether this process may read its terminal: one in the background that tried would be stopped by the shell."""
    if sys.stdin is None or not sys.stdin.isatty():
        return False
    if os.name == "nt":
        return True
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except OSError:
        return False
