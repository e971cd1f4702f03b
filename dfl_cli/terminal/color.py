"""Whether a terminal shows colors, and a text in one. Nothing is imported for it."""

import os
import sys
from typing import TextIO

BOLD_RED = "\x1b[1;31m"
RESET = "\x1b[0m"


def shows_color(stream: TextIO | None) -> bool:
    """By https://no-color.org and https://force-color.org, else whether it is a terminal that has colors."""
    if os.environ.get("NO_COLOR") or stream is None:
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    try:
        return stream.isatty() and os.environ.get("TERM") != "dumb" and understands_escapes()
    except ValueError:  # closed
        return False


def understands_escapes() -> bool:
    """Windows' old console prints them, unless something in front of it says otherwise."""
    return os.name != "nt" or any(os.environ.get(name) for name in ("WT_SESSION", "TERM", "ANSICON", "ConEmuANSI"))


def error_mark(mark: str) -> str:
    """`mark` as it is shown on stderr."""
    return f"{BOLD_RED}{mark.rstrip()}{RESET} " if shows_color(sys.stderr) else mark
