"""One line typed at a terminal, with editing, history and completion by prompt_toolkit (docs/decisions/0038)."""

import os
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TextIO

from dfl_cli.terminal.interrupt import TERMINATION_SIGNALS, signal_handler
from dfl_cli.terminal.typed_ahead import typed_ahead

LONE_SURROGATE = re.compile("[\ud800-\udfff]")  # a byte that is no text in the terminal's encoding


def can_edit(output: TextIO) -> bool:
    """Whether the terminal can move its cursor; both ends are known to be terminals."""
    return os.name == "nt" or os.environ.get("TERM", "").lower() not in ("", "dumb", "unknown")


def edited_line(prompt: str, output: TextIO, *, begun: str = "", choices: Sequence[str] = ()) -> str:
    """The line that was typed, without its end. What was pasted after it is kept for the questions that follow.

    Args:
        begun: what stands behind the prompt from the start.
        choices: words that Tab completes.

    Raises:
        KeyboardInterrupt: Ctrl-C.
        EOFError: Ctrl-D on an empty line, or the terminal is gone.
    """
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.input.typeahead import get_typeahead

    session = session_on(output)
    with signals_after(session.app) as check:
        completer = WordCompleter(list(choices), ignore_case=True)
        line = session.prompt(prompt, default=begun, completer=completer, pre_run=check)
    typed_ahead.keep("".join(press.data for press in get_typeahead(session.input)))
    return LONE_SURROGATE.sub("\ufffd", line)


@contextmanager
def signals_after(app) -> Iterator[Callable[[], None]]:
    """A signal that comes meanwhile ends the editor, and is then heard: raised inside the event loop it would be a fault of that.

    Gives the function to be called as soon as the editor runs, for a signal that came before.
    """
    noted: list[int] = []

    def note(number, _frame) -> None:
        noted.append(number)
        if app.loop is not None:
            app.loop.call_soon_threadsafe(leave)  # wakes it

    def leave() -> None:
        if noted and app.is_running and not app.future.done():
            app.exit(exception=EOFError)

    try:
        with signal_handler(note, TERMINATION_SIGNALS[1:]):
            yield leave
    finally:
        if noted:
            signal.raise_signal(noted[0])


@lru_cache(maxsize=1)
def session_on(output: TextIO):
    """The editor of this process. Its history lasts as long as the process."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.output import create_output
    from prompt_toolkit.shortcuts import CompleteStyle

    terminal = create_output(output)
    terminal.enable_cpr = False  # many terminals do not answer where the cursor is, and would be waited for
    return PromptSession(
        output=terminal,
        key_bindings=paste_keys(),
        complete_style=CompleteStyle.READLINE_LIKE,
        complete_while_typing=False,
        enable_suspend=True,
    )


def paste_keys():
    """Key bindings: the first line of a paste answers this question, the others wait for theirs."""
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.keys import Keys

    keys = KeyBindings()

    @keys.add(Keys.BracketedPaste)
    def _(event) -> None:
        first, end, rest = event.data.replace("\r\n", "\n").replace("\r", "\n").partition("\n")
        event.current_buffer.insert_text(first)
        if end:
            typed_ahead.keep(rest)
            event.current_buffer.validate_and_handle()

    return keys
