"""The preview window as the training sees it: pictures go out, keys come in, and nothing it does can stop or delay the training."""

import contextlib
import queue
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from dfl_cli.preview.window_process import HEADER
from dfl_cli.terminal.console import notice
from dfl_cli.terminal.keys import key_names
from dfl_cli.translate import tr

PROGRAM = Path(__file__).with_name("window_process.py")
TEXT_ROW = 15  # pixels (wizard.md 5.6)
MIN_WIDTH = 400  # pixels, so that the text fits
MAX_HEIGHT = 900  # pixels of graph and preview
GREY, BACKGROUND = (204, 204, 204), 26  # 0.8 on 0.1
CLOSING_SECONDS = 3


class PreviewWindow:
    """A context manager. A display that is not there, or goes away, is reported in one line, and the training continues.

    Args:
        title: of the window.
    """

    def __init__(self, title: str):
        self.title = title
        self.keys: Sequence[str] = ()
        self.notice: Callable[[str], None] = notice
        self.open = True  # until it turns out to be closed
        self._keys: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._newest: queue.Queue[bytes | None] = queue.Queue(1)  # None: no more

    def __enter__(self):
        detached = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if sys.platform == "win32" else {}
        self._stderr = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, str(PROGRAM), self.title],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            start_new_session=True,  # Ctrl-C is for the training
            **detached,
        )
        for work in (self._send, self._receive):
            threading.Thread(target=work, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.open = False
        self._put(None)
        try:
            self._process.wait(CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stderr.close()

    def attach(self, *, keys: Sequence[str], notice: Callable[[str], None] = notice) -> None:
        """`keys` are the lines above every picture; `notice` (text) prints the line about a window that is gone."""
        self.keys, self.notice = keys, notice

    def show(self, picture: np.ndarray, title: str, ends: Sequence[int] = ()) -> None:
        """`picture` (H, W, 3) uint8 BGR, all of it, below its title; one that was not yet shown is passed over for it."""
        if self.open:
            shown = framed(picture, [*self.keys, title])
            self._put(HEADER.pack(*shown.shape[:2]) + shown.tobytes())

    def pressed(self) -> str | None:
        """The name of the next key that was pressed in the window. Says once when there is no window any more."""
        if self.open and self._process.poll() is not None:
            self.open = False
            self.notice(self._closing_reason())
        return None if self._keys.empty() else self._keys.get()

    def _put(self, message: bytes | None) -> None:
        with contextlib.suppress(queue.Empty):
            self._newest.get_nowait()
        self._newest.put(message)

    def _send(self) -> None:
        try:
            with self._process.stdin as pipe:
                while message := self._newest.get():
                    pipe.write(message)
                    pipe.flush()
        except (BrokenPipeError, OSError):
            return  # the window is closed; `pressed` says so

    def _receive(self) -> None:
        with self._process.stdout as pipe:
            for line in pipe:
                if line.strip().isdigit():
                    for name in key_names(chr(int(line))):
                        self._keys.put(name)

    def _closing_reason(self) -> str:
        if self._process.returncode == 0:
            return tr("The preview window was closed. Previews are still written to preview.png.")
        self._stderr.seek(0)
        reason = error_line(self._stderr.read().decode(errors="replace"))
        return tr("Cannot open a preview window ({reason}). Previews are written to preview.png.", reason=reason)


def error_line(words: str) -> str:
    """The line that says most of what a window system or Python complained about."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"could not connect|connection broke|rror:", line)]
    return (telling or lines or [""])[-1]


def framed(picture: np.ndarray, lines: Sequence[str]) -> np.ndarray:
    """`picture` (H, W, 3) uint8 BGR below a row for each line of text, shrunk if it is too tall for a screen."""
    scale = min(1.0, MAX_HEIGHT / picture.shape[0])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = picture.shape[:2]
    top = TEXT_ROW * len(lines)
    whole = np.full((top + height, max(width, MIN_WIDTH), 3), BACKGROUND, np.uint8)
    whole[top:, :width] = picture
    for row, line in enumerate(lines):
        cv2.putText(whole, line, (4, (row + 1) * TEXT_ROW - 3), GREY, cv2.FontFace("uni"), 12)
    return whole
