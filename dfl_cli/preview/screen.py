"""Where previews are shown besides preview.png."""

import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack

from dfl_cli.terminal.console import notice
from dfl_cli.translate import tr

PREVIEW_MODES = ("window", "terminal", "file", "off")


def default_preview_mode(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str:
    """A window where there is a display, else the file alone. Over ssh there is one if the session brings it along (ssh -X)."""
    if platform in ("win32", "darwin"):
        return "file" if "SSH_CONNECTION" in environment else "window"
    return "window" if environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY") else "file"


def open_screen(mode: str, stack: ExitStack, *, title: str):
    """The screen of that place, closed with `stack`; None where only files are written."""
    if mode == "window":
        from dfl_cli.preview.window import PreviewWindow

        return stack.enter_context(PreviewWindow(title))
    if mode == "terminal":
        from dfl_cli.preview.terminal import TerminalScreen, can_draw

        if can_draw():
            return stack.enter_context(TerminalScreen())
        notice(
            tr(
                "Cannot show images here: the output is not a terminal that supports them. Previews are written "
                "to preview.png."
            )
        )
    return None
