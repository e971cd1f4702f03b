"""Where previews are shown besides preview.png."""

import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack

from dfl_cli.terminal.console import notice
from dfl_cli.translate import tr

PLACES = ("window", "terminal", "file", "off")


def usual_place(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str:
    """A window where there is a display, else the file alone. Over ssh there is one if the session brings it along (ssh -X)."""
    if platform in ("win32", "darwin"):
        return "file" if "SSH_CONNECTION" in environment else "window"
    return "window" if environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY") else "file"


def open_screen(place: str, stack: ExitStack, *, title: str):
    """The screen of that place, closed with `stack`; None where only files are written."""
    if place == "window":
        from dfl_cli.preview.window import Window

        return stack.enter_context(Window(title))
    if place == "terminal":
        from dfl_cli.preview.terminal import TerminalScreen, can_draw

        if can_draw():
            return stack.enter_context(TerminalScreen())
        notice(
            tr(
                "No pictures can be shown here: the output is not a terminal that draws. preview.png shows the previews."
            )
        )
    return None
