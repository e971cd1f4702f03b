"""Keys of the terminal, read without waiting and without Enter."""

import os
import re
import select
import sys
import unicodedata

from dfl_cli.terminal.console import notice
from dfl_cli.terminal.typed_ahead import reads_keys, typed_ahead
from dfl_cli.translate import ntr

NAMES = {"\n": "enter", "\r": "enter", " ": "space"}
SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[P\]X^_][^\x1b\x07]*(?:\x1b\\|\x07)?|[^\[O])?")  # ECMA-48


class TerminalKeys:
    """A context manager: inside it, `pressed()` returns the next key or None.

    Without a terminal, or when the program runs in the background of its shell, no key is ever pressed.
    """

    def __enter__(self):
        self._descriptor = sys.stdin.fileno() if reads_keys() else None
        self._waiting: list[str] = []
        if unused := typed_ahead.discard():
            notice(ntr("{count} pasted line was not needed.", "{count} pasted lines were not needed.", count=unused))
        if self._descriptor is not None and os.name == "posix":
            import termios

            self._settings = termios.tcgetattr(self._descriptor)
            give_single_keys(self._descriptor)
        return self

    def __exit__(self, *_):
        if self._descriptor is not None and os.name == "posix" and reads_keys():
            import termios

            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._settings)

    def pressed(self) -> str | None:
        """'enter', 'space' or the character in lower case; None when no key waits."""
        if self._descriptor is not None:
            self._waiting += key_names(self._read())
        return self._waiting.pop(0) if self._waiting else None

    def _read(self) -> str:
        """What was typed since the last look; arrows and function keys of Windows left out."""
        if os.name == "nt":
            import msvcrt

            character = msvcrt.getwch() if msvcrt.kbhit() else ""
            if character in ("\x00", "\xe0"):  # the next one says which arrow or function key
                msvcrt.getwch()
                return ""
            return character
        if not reads_keys():  # stopped by Ctrl-Z and continued in the background
            return ""
        give_single_keys(self._descriptor)
        ready, _, _ = select.select([self._descriptor], [], [], 0)
        return os.read(self._descriptor, 1024).decode(errors="ignore") if ready else ""


def give_single_keys(descriptor: int) -> None:
    """Let the terminal give keys without Enter and echo, unless it does; a shell undoes it at Ctrl-Z.

    Ctrl-C stays a signal, and does not throw away the keys typed just before it.
    """
    import termios
    import tty

    if not termios.tcgetattr(descriptor)[3] & termios.ICANON:
        return
    tty.setcbreak(descriptor)
    settings = termios.tcgetattr(descriptor)
    settings[3] |= termios.NOFLSH
    termios.tcsetattr(descriptor, termios.TCSANOW, settings)


class KeySources:
    """Several sources of keys as one, such as the terminal and the preview window."""

    def __init__(self, *sources):
        self.sources = sources

    def pressed(self) -> str | None:
        return next((key for source in self.sources if (key := source.pressed())), None)


def key_names(typed: str) -> list[str]:
    """The keys in what a terminal sent. Arrows and late answers of the terminal are no keys; full-width letters are letters."""
    letters = unicodedata.normalize("NFKC", SEQUENCE.sub("", typed))
    return [NAMES.get(letter, letter.lower()) for letter in letters]
