"""Previews in the terminal, drawn with the best it says it can: kitty's graphics, sixels, or half blocks."""

import math
import os
import re
import select
import sys
import time
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from dfl_cli.preview.terminal_images import half_blocks, kitty, sixel
from dfl_cli.terminal.keys import reads_keys
from dfl_cli.terminal.width import display_width
from samplers.files.names import printable

ANSWER_SECONDS = 1.0  # a terminal at the other end of the world answers within a third of that
ATTRIBUTES = "\x1b[c"  # "what can you do?" (DA1), which every terminal answers
KITTY_QUERY = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
SIXEL = "4"  # among the attributes
CELL_WIDTH, CELL_HEIGHT = 8, 16  # pixels, where the terminal does not tell
USUAL_COLUMNS, USUAL_LINES = 80, 24
# Characters. Without a buffer, as while training, a console of Windows takes no more than 32 kB of one write.
AT_ONCE = 8192
KITTY_TERMS = ("xterm-kitty", "xterm-ghostty", "wezterm")
KITTY_PROGRAMS = ("WezTerm", "ghostty")
ENCODERS = {"kitty": kitty, "sixel": sixel, "blocks": half_blocks}


class TerminalScreen:
    """A context manager that draws previews between the lines of the training; a drawing takes the place of the loss line."""

    open = True

    def __enter__(self):
        self.graphics = detect_graphics() if reads_keys() else "blocks"
        return self

    def __exit__(self, *_):
        """Nothing was changed."""

    def attach(self, *, keys: Sequence[str], notice=None) -> None:
        """The starting line has named the keys, and there is nothing to report."""

    def pressed(self) -> None:
        """No keys but those of the terminal itself."""

    def show(self, picture: np.ndarray, title: str, ends: Sequence[int] = ()) -> None:
        """`picture` (H, W, 3) uint8 BGR below its title; with the loss line it fills the terminal at most.

        `ends` are the heights, the least first, at which it may be cut off to make it fit.
        """
        columns, lines, cell_width, cell_height = terminal_size()
        if self.graphics == "blocks":
            cell_width, cell_height = 1, 2
        free = max(1, lines - math.ceil(display_width(title) / columns) - 1)
        shown = fitted(picture, width=columns * cell_width, height=free * cell_height, ends=ends)
        text = f"\r\x1b[K{printable(title)}\n{ENCODERS[self.graphics](shown)}"
        for start in range(0, len(text), AT_ONCE):
            sys.stdout.write(text[start : start + AT_ONCE])
        sys.stdout.flush()


def can_draw(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether stdout is a terminal that knows more than text, and half blocks for want of better."""
    if not sys.stdout.isatty() or environment.get("TERM") == "dumb":
        return False
    try:
        return bool("▀".encode(sys.stdout.encoding))
    except UnicodeEncodeError:
        return False


def fitted(picture: np.ndarray, *, width: int, height: int, ends: Sequence[int] = ()) -> np.ndarray:
    """`picture`, never enlarged, in `width` x `height` pixels: up to the last of `ends` that fits where the first one does."""
    ends = ends or (len(picture),)
    scale = min(1, width / picture.shape[1], height / ends[0])
    picture = picture[: max(end for end in ends if round(end * scale, 3) <= height)]
    if scale == 1:
        return picture
    size = [max(1, round(side * scale)) for side in (picture.shape[1], len(picture))]
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def terminal_size() -> tuple[int, int, int, int]:
    """Columns and lines, and the pixels of one of each."""
    columns, lines = os.get_terminal_size(sys.stdout.fileno())
    columns, lines = columns or USUAL_COLUMNS, lines or USUAL_LINES
    if os.name != "posix":
        return columns, lines, CELL_WIDTH, CELL_HEIGHT
    import fcntl
    import struct
    import termios

    size = fcntl.ioctl(sys.stdout.fileno(), termios.TIOCGWINSZ, bytes(8))
    _, _, width, height = struct.unpack("HHHH", size)
    return columns, lines, width // columns or CELL_WIDTH, height // lines or CELL_HEIGHT


def detect_graphics(environment: Mapping[str, str] = os.environ) -> str:
    """What the terminal answers it can: kitty, sixel or blocks. Without an answer in time, blocks."""
    if os.name != "posix":
        return "blocks"
    answer = query_terminal(graphics_query(environment))
    if "_Gi=31;OK" in answer:
        return "kitty"
    attributes = re.search(r"\x1b\[\?([\d;]*)c", answer)
    return "sixel" if attributes and SIXEL in attributes[1].split(";") else "blocks"


def graphics_query(environment: Mapping[str, str]) -> str:
    """Asks for kitty's graphics only where they are likely: tmux would take the question for a title, others might print it."""
    multiplexed = "TMUX" in environment or environment.get("TERM", "").startswith(("screen", "tmux"))
    likely = (
        environment.get("TERM") in KITTY_TERMS
        or environment.get("TERM_PROGRAM") in KITTY_PROGRAMS
        or {"KITTY_WINDOW_ID", "KONSOLE_VERSION"} & environment.keys()
    )
    return (KITTY_QUERY if likely and not multiplexed else "") + ATTRIBUTES


def query_terminal(words: str, seconds: float = ANSWER_SECONDS) -> str:
    """What the terminal answers, up to its attributes, which come last. It is neither echoed nor waited for in vain."""
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    answer, end = "", time.monotonic() + seconds
    try:
        tty.setcbreak(descriptor)
        sys.stdout.write(words)
        sys.stdout.flush()
        while not re.search(r"\x1b\[\?[\d;]*c", answer):
            if not select.select([descriptor], [], [], max(0, end - time.monotonic()))[0]:
                break
            answer += os.read(descriptor, 1024).decode(errors="ignore")
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
    return answer
