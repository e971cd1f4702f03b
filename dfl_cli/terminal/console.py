"""Lines, notices and progress on the terminal, and what kind of terminal it is. Nothing here loads more than tqdm."""

import codecs
import os
import sys
import time
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TextIO

from dfl_cli.terminal.color import error_mark
from dfl_cli.terminal.line_editor import can_edit, edited_line
from dfl_cli.terminal.typed_ahead import END_OF_INPUT, input_within, typed_ahead, without_echo
from dfl_cli.terminal.wrap import wrapped
from dfl_cli.translate import phrases, tr
from samplers.files.names import printable, printable_lines

PER_SECOND = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_noinv_fmt}{postfix}]"  # of a progress bar
ESCAPE_BYTES = "dfl-escape-bytes"
HELD = "\ue000"  # for a blank where no line is broken; for private use in Unicode
ERROR_PREFIX = "/!\\ "  # as DeepFaceLab marks errors


def say(text: str = "") -> None:
    """A line of what was asked for, on stdout."""
    print(printable_lines(text), flush=True)


def say_wrapped(text: str) -> None:
    """A sentence for a person, on stdout, broken between words where the terminal is narrower."""
    say(fitted(text, sys.stdout))


def fitted(text: str, stream: TextIO) -> str:
    """`text` with its lines broken between words where `stream` is a terminal and narrower."""
    columns = columns_of(stream)
    if columns is None:
        return text
    return "\n".join(part for line in text.split("\n") for part in wrapped(line, columns))


def columns_of(stream: TextIO) -> int | None:
    """Columns for text where `stream` is a terminal: all but one, as some begin the next row at once after a full one."""
    return terminal_size(stream).columns - 1 if is_terminal(stream) else None


def notice(text: str, mark: str = "") -> None:
    """A line about what is going on, on stderr, `mark` before it; keeps a progress bar in one piece."""
    from tqdm import tqdm

    tqdm.write(mark + printable_lines(text), file=sys.stderr)


def print_error(text: str) -> None:
    """An error, marked as one, on stderr."""
    notice(text, mark=error_mark(ERROR_PREFIX))


def progress(
    total: int | None,
    description: str,
    *,
    initial: int = 0,
    unit: str = "",
    keep: bool = True,
    form: str | None = None,
    delay: float = 0,
):
    """A progress bar on stderr: `update(n)`, `set_postfix_str(text)`, a context manager. Silent where stderr is no terminal.

    form   tqdm's bar_format; None: its own, which turns to seconds per unit where things are slow
    delay  seconds before it is shown
    """
    from tqdm import tqdm

    return tqdm(
        total=total, desc=printable(description), initial=initial, unit=f" {unit}", leave=keep, ascii=True, file=sys.stderr,
        disable=None, dynamic_ncols=True, bar_format=form, delay=delay,
    )  # fmt: skip


def progress_or_lines(total: int, description: str, *, unit: str = "", every: float = 30.0):
    """`progress` on a terminal; elsewhere, as in a log, a line on stderr each time `every` seconds have passed. total 0: not known."""
    if is_terminal(sys.stderr):
        return progress(total or None, description, unit=unit, form=PER_SECOND)
    return ProgressLines(total, description, every=every)


class ProgressLines:
    """Progress for a log: `Merging: 120 of 300, 12.3 per second, 0:00:15 left`. `update(n)`, `set_postfix_str(text)`, a context manager."""

    def __init__(self, total: int, description: str, *, every: float, clock=time.monotonic):
        self.total, self.description, self.every, self.clock = total, description, every, clock
        self.done, self.began = 0, clock()
        self.said, self.postfix = self.began, ""

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        pass

    def set_postfix_str(self, text: str, refresh: bool = True) -> None:
        """What follows in the next line."""
        self.postfix = text

    def update(self, count: int) -> None:
        self.done += count
        now = self.clock()
        if now - self.said >= self.every:
            self.said = now
            notice(self.line(now - self.began))

    def line(self, seconds: float) -> str:
        line = self.rate_line(self.done / seconds)
        return phrases([line, self.postfix]) if self.postfix else line

    def rate_line(self, rate: float) -> str:
        if not self.total:
            return tr("{what}: {done}, {rate:.1f}/s", what=self.description, done=self.done, rate=rate)
        return tr(
            "{what}: {done} of {total}, {rate:.1f}/s, {left} left",
            what=self.description, done=self.done, total=self.total, rate=rate,
            left=timedelta(seconds=round(max(self.total - self.done, 0) / rate)),
        )  # fmt: skip


@contextmanager
def counted_progress(description: str, *, keep: bool = True):
    """A progress bar whose end is not known yet: gives the function (done, total) that moves it."""
    with progress(None, description, keep=keep) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def is_interactive() -> bool:
    """Whether somebody can answer: stdin is a terminal and questions can be seen on stdout or stderr."""
    return is_terminal(sys.stdin) and (is_terminal(sys.stdout) or is_terminal(sys.stderr))


def is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def terminal_size(stream: TextIO) -> os.terminal_size:
    """Columns and lines of the terminal behind `stream`; 80 and 24 where it does not know."""
    try:
        columns, lines = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        columns, lines = 0, 0
    return os.terminal_size((columns or 80, lines or 24))


def prepare_streams() -> None:
    """Neither a character the terminal lacks, a byte it should not send, nor an output closed from the start ends the program."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - open as long as the program
    codecs.register_error(ESCAPE_BYTES, escape_bytes)
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, ESCAPE_BYTES), (sys.stderr, ESCAPE_BYTES)):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=errors)


def escape_bytes(error: UnicodeError) -> tuple[str, int]:
    """For `codecs.register_error`: bytes of a file name that are no text as `\\xd6`, characters the terminal lacks as `?`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unknown = error.object[error.start : error.end]
    return "".join(printable(each) if "\ud800" <= each <= "\udfff" else "?" for each in unknown), error.end


class LeftAtQuestion(KeyboardInterrupt):
    """The person has ended the input of the terminal instead of answering, as Ctrl-C would."""


class Console:
    """Asks on the terminal, a line at a time."""

    def __init__(self):
        self.output = sys.stdout if is_terminal(sys.stdout) or not is_terminal(sys.stderr) else sys.stderr
        self.ended = False  # end of input was seen, in a pipe
        self._ended_once = False  # the same at a terminal, whose person was asked again

    def say(self, text: str = "") -> None:
        print(fitted(printable_lines(text), self.output), file=self.output, flush=True)

    def read(self, prompt: str, choices: Sequence[str] = ()) -> str | None:
        """The line that was typed, without blanks around it; None after the end of input in a pipe.

        Args:
            choices: words that Tab completes, where the terminal can.

        Raises:
            KeyboardInterrupt: Ctrl-C, or at a terminal the end of input for the second time.
        """
        prompt = self._fitted_prompt(printable_lines(prompt))
        while True:
            line = self._edited(prompt, choices) if self._edits else self._plain(prompt)
            if line:
                self._ended_once = False
                return line.strip()
            if not is_terminal(sys.stdin):
                self.say()
                self.ended = True
                return None
            self._warn_or_leave()

    def _fitted_prompt(self, prompt: str) -> str:
        """The same for a prompt, whose brackets hold on to what is in them and to the colon."""
        text = prompt.rstrip()
        held = text.replace("( ", f"({HELD}").replace(" )", f"{HELD})").replace(") :", f"){HELD}:")
        return fitted(held, self.output).replace(HELD, " ") + prompt[len(text) :]

    @property
    def _edits(self) -> bool:
        return is_terminal(sys.stdin) and is_terminal(self.output) and can_edit(self.output)

    def _edited(self, prompt: str, choices: Sequence[str]) -> str:
        """A line with its end from the editor, or one that was pasted before; empty at the end of input."""
        pasted = typed_ahead.line()
        if pasted is not None:
            self.output.write(prompt + ("\n" if pasted == END_OF_INPUT else pasted))
            self.output.flush()
            return "" if pasted == END_OF_INPUT else pasted
        try:
            return edited_line(prompt, self.output, begun=typed_ahead.beginning(), choices=choices) + "\n"
        except EOFError:
            return ""

    def _plain(self, prompt: str) -> str:
        """A line with its end as the terminal or the pipe gives it; empty at the end of input."""
        self.output.write(prompt)
        self.output.flush()
        try:
            line = self._line()
        except KeyboardInterrupt:
            self.say()
            raise
        if not line and is_terminal(sys.stdin):
            self.say()
        return line

    def enter_within(self, seconds: float) -> bool:
        """Whether a line arrives in time; it is thrown away. False at once at the end of input in a pipe."""
        with without_echo():
            while typed_ahead.has_line or input_within(seconds):
                if self._line():
                    return True
                if not is_terminal(sys.stdin):
                    return False
                self._warn_or_leave()
        return False

    def flush(self) -> None:
        """Throw away what was typed on a terminal before anything was asked; a paste at a question and piped input are kept."""
        if not is_terminal(sys.stdin) or typed_ahead.is_paste:
            return
        if os.name == "nt":
            import msvcrt

            while msvcrt.kbhit():
                msvcrt.getwch()
        else:
            import termios

            termios.tcflush(sys.stdin, termios.TCIFLUSH)

    def _line(self) -> str:
        """A line with its end; empty at the end of input."""
        if self.ended or not is_terminal(sys.stdin):
            return "" if self.ended else sys.stdin.readline()
        line = typed_ahead.line()
        if line is None:
            beginning = typed_ahead.beginning()
            self.output.write(beginning)
            self.output.flush()
            line = sys.stdin.readline()
            return beginning + (typed_ahead.after(line) if line else "")
        if line == END_OF_INPUT:
            return ""
        self.output.write(line)  # the terminal has echoed it before the question
        self.output.flush()
        return line

    def _warn_or_leave(self) -> None:
        """At the end of input on a terminal. Raises LeftAtQuestion if it is the second in a row."""
        if self._ended_once:
            raise LeftAtQuestion
        self._ended_once = True
        self.say(tr("End of input. Answer the question, or end the input again to leave."))
