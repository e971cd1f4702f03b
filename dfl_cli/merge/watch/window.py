"""The interactive merge in a window (merger.md 3): keys as in the reference, the picture, and a help screen."""

import os
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor

import cv2
import numpy as np

from dfl_cli.merge.watch.interactive_merge import InteractiveMerge
from dfl_cli.merge.watch.keys import (
    ENLARGE,
    LEAVE,
    OTHER_SCREEN,
    SHOW_MASK,
    SHRINK,
    WRITE_REMAINING,
    HelpLine,
    is_session_key,
    moves_help,
    press,
    settings_help,
    views_help,
)
from dfl_cli.merge.watch.session import MergeSession
from dfl_cli.merge.watch.views import VIEWS, fitted, zoomed
from dfl_cli.merge.watch.writer_text import job_text, outcome_text
from dfl_cli.terminal.console import notice, progress
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.translate import labeled, tr
from samplers.files.names import printable

TITLE = "Merger"
WIDEST = 1368  # pixels of the picture at zoom 1
HELP_SIZE = (768, 1024)  # rows, columns
NARROWEST, LINE = 640, 24  # pixels of the window where the picture is smaller, and of a line below it
TICK = 25  # milliseconds a key is waited for
PROBE_SECONDS = 20
SHIFT_KEYS = (0xFFE1, 0xFFE2)  # codes of left and right Shift, which OpenCV's Qt windows report as keys
FOREGROUND, FAINT, ACCENT, BACKGROUND = (235, 235, 235), (150, 150, 150), (255, 176, 90), (26, 22, 20)  # BGR
PROBE = "import cv2; cv2.namedWindow('dfl'); cv2.waitKey(1); cv2.destroyAllWindows()"


def windows_can_open() -> bool:
    """Tried in a process of its own: a window system that refuses ends the process that asks."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        return (
            subprocess.run([sys.executable, "-c", PROBE], timeout=PROBE_SECONDS, check=False, **quiet).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def show_window(interactive: InteractiveMerge) -> int:
    """Run the window until Esc, then write the frames that were looked at: 0, 1 if a frame failed, 128 + number of a signal."""
    with Interrupt() as interrupt:
        with MergeWindow(interactive) as window:
            while window.open and not interrupt.signal:
                window.tick()
        if not interrupt.signal:
            write_visited(interactive, interrupt)
    return interrupt.exit_code or (1 if interactive.writer.failures or interactive.writer.error else 0)


def write_visited(interactive: InteractiveMerge, interrupt: Interrupt) -> None:
    """Write the frames that have settings but no file with them yet, with a progress bar in the terminal."""
    writer = interactive.writer
    writer.wait()
    if not writer.start(interactive.session.visited_and_unwritten()):
        return
    with progress(writer.total, tr("Merging"), unit=tr("frames")) as bar:
        while writer.running:
            writer.wait(0.1)
            bar.update(writer.done - bar.n)
            if interrupt.signal:
                writer.stop()
    notice(outcome_text(writer)[0])


class MergeWindow:
    """A context manager: the OpenCV window. Frames are rendered in a thread, so that it answers keys meanwhile."""

    def __init__(self, interactive: InteractiveMerge):
        self.interactive, self.session = interactive, interactive.session
        self.open = self.helping = True
        self.view, self.zoom = "merged", 1.0
        self.shift = False  # was pressed just before
        self.picture = np.zeros((*HELP_SIZE, 3), np.uint8)
        self.outcome: list[str] = []  # how the last job ended, until the next key
        self.rendering: Future | None = None
        self.rendered = None  # revision of the session and view that `picture` shows
        self.drawn = None  # what the window shows
        self.told = None  # revision whose settings were printed

    def __enter__(self):
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="render")
        cv2.namedWindow(TITLE, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)
        return self

    def __exit__(self, *_):
        self.interactive.writer.stop()
        self.pool.shutdown(cancel_futures=True)
        cv2.destroyWindow(TITLE)

    def tick(self) -> None:
        """Draw, wait a moment for a key, do what it says."""
        self.follow_writer()
        self.collect()
        self.draw()
        code = cv2.waitKeyEx(TICK)
        if code in SHIFT_KEYS:
            self.shift = True
        elif code >= 0:
            key, self.shift = key_of(code, shift=self.shift), False
            self.press(key)
        if cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) < 1:  # closed by the mouse
            self.open = False

    def press(self, key: str) -> None:
        if key == LEAVE:
            self.open = False
        elif key == OTHER_SCREEN:
            self.helping = not self.helping
        elif not self.helping:
            self.outcome = []
            self.press_on_picture(key)

    def press_on_picture(self, key: str) -> None:
        if key in (SHRINK, ENLARGE):
            self.zoom = zoomed(self.zoom, larger=key == ENLARGE)
        elif key == SHOW_MASK:
            self.view = "merged" if self.view == "mask" else "mask"
        elif key == WRITE_REMAINING:
            self.interactive.writer.start(self.session.remaining(self.session.position))
        elif is_session_key(key):
            self.interactive.writer.stop()
            if press(self.session, key):
                self.print_settings()

    def follow_writer(self) -> None:
        """The position goes with the frames that are written; how a job ended is said once."""
        writer = self.interactive.writer
        if writer.latest is not None:
            self.session.go(writer.latest)
            writer.latest = None
        if writer.ended > writer.started and self.told != writer.ended:
            self.told = writer.ended
            text = outcome_text(writer)[0]
            self.outcome = text.splitlines()
            notice(text)

    def print_settings(self) -> None:
        """The settings in the terminal (merger.md 2.4)."""
        notice("\n".join(settings_lines(self.session)))

    # Pictures

    def collect(self) -> None:
        """Take the picture that was rendered, and ask for the next if the session has changed."""
        if self.rendering is not None and self.rendering.done():
            self.picture, self.rendered = self.rendering.result()
            self.rendering = None
        wanted = self.session.revision, self.view
        if self.rendering is None and self.rendered != wanted and not self.interactive.writer.running:
            self.rendering = self.pool.submit(self.render, wanted)

    def render(self, wanted):
        rendered = self.interactive.rendered()
        return fitted(VIEWS[wanted[1]](rendered), WIDEST), wanted

    def draw(self) -> None:
        """Show the screen if it differs from the one that is shown."""
        busy, writing = self.rendering is not None, self.interactive.writer.running
        lines = [] if self.helping else self.lines()
        state = self.helping, self.rendered, self.zoom, busy, writing, lines
        if state == self.drawn:
            return
        self.drawn = state
        if self.helping:
            cv2.imshow(TITLE, help_screen(self.session))
            return
        screen = np.zeros_like(self.picture) if writing else self.picture
        if self.zoom != 1:
            screen = cv2.resize(screen, None, fx=self.zoom, fy=self.zoom, interpolation=cv2.INTER_AREA)
        cv2.imshow(TITLE, captioned(with_hourglass(screen) if busy or writing else screen, lines))

    def lines(self) -> list[str]:
        """What stands below the picture: where one is, what is the matter with the frame, and what the writer does or did."""
        writer, session = self.interactive.writer, self.session
        job = job_text(writer, done=session.done_count, frames=len(session.frames))
        where = f"{session.position + 1} / {len(session.frames)}   {self.interactive.state_text()}   {job}"
        return [where, *(self.outcome if self.outcome or writer.running else self.interactive.remarks())]


def key_of(code: int, *, shift: bool) -> str:
    """The character of OpenCV's key code; empty for keys that type none.

    Qt windows report letters in lower case always, and the release of Shift never: `shift`, pressed just before, makes one upper case.
    """
    character = chr(code & 0xFF) if code & ~0xFF in (0, 0x100000) else ""
    return character.upper() if shift and character.islower() else character


def settings_lines(session: MergeSession) -> list[str]:
    """The frame's name and the settings that have an effect, as text."""
    lines = [f"{printable(session.current.name)}:"]
    for key, option in session.options.items():
        if session.applies(key):
            value = getattr(session.settings, key)
            lines.append(labeled(key, option.kind.show(value)))
    return [*lines, "=" * 16]


def help_screen(session: MergeSession):
    """The keys, in the person's language: OpenCV's own font has Chinese characters too."""
    screen = np.full((*HELP_SIZE, 3), BACKGROUND, np.uint8)
    write_text(screen, tr("Merging: keys"), (30, 48), FOREGROUND, size=26)
    write_text(screen, tr("Tab: frame or this help    Esc: save and exit"), (30, 84), FAINT)
    write_lines(screen, settings_help(session), left=30)
    write_lines(screen, [*moves_help(), *views_help()], left=385)
    return screen


def write_lines(screen, lines: list[HelpLine], *, left: int) -> None:
    for number, line in enumerate(lines):
        bottom = 132 + 34 * number
        write_text(screen, line.keys, (left, bottom), ACCENT)
        write_text(screen, line.text, (left + 80, bottom), FOREGROUND)


def write_text(picture, text: str, place: tuple[int, int], color, size: int = 17) -> None:
    """`text` with its baseline's left end at `place` (x, y), `size` pixels high."""
    cv2.putText(picture, text, place, color, cv2.FontFace("sans"), size, 400)


def captioned(picture, lines: list[str]):
    """`picture` with `lines` below it, the first one faint; wide enough to read them."""
    height, width = picture.shape[:2]
    space = cv2.copyMakeBorder(
        picture, 0, 8 + LINE * len(lines), 0, max(0, NARROWEST - width), cv2.BORDER_CONSTANT, value=BACKGROUND
    )
    for number, line in enumerate(lines, 1):
        write_text(space, line, (10, height + LINE * number), ACCENT if number > 1 else FAINT, size=15)
    return space


def with_hourglass(picture):
    """`picture` with an hourglass of 64 pixels in its top left corner."""
    height, width = picture.shape[:2]
    marked = cv2.copyMakeBorder(
        picture, 0, max(0, 64 - height), 0, max(0, 64 - width), cv2.BORDER_CONSTANT, value=BACKGROUND
    )
    corners = np.array([[8, 8], [56, 8], [8, 56], [56, 56]], np.int32)
    cv2.rectangle(marked, (0, 0), (63, 63), BACKGROUND, cv2.FILLED)
    cv2.fillPoly(marked, [corners], ACCENT, cv2.LINE_AA)
    return marked
