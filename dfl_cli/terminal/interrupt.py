"""Signals that end a program: noted while work must not be cut short, raised as an exception elsewhere.

A signal that was ignored when the program started stays ignored: that is how `nohup` keeps a run alive.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

TERMINATION_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")  # SIGHUP, the lost ssh connection, does not exist on Windows


class Terminated(BaseException):
    """A signal asked the program to end. No `Exception`, as KeyboardInterrupt is none: nothing on the way may take it for a failure."""

    def __init__(self, number: int):
        super().__init__(number)
        self.exit_code = 128 + number


@contextmanager
def raise_on_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP raise `Terminated` here, as Ctrl-C raises KeyboardInterrupt.

    Files are closed, nothing is left half-written.
    """

    def end(number, _frame):
        raise Terminated(number)

    with signal_handler(end, TERMINATION_SIGNALS[1:]):
        yield


@contextmanager
def signal_handler(handler: Callable, names: tuple[str, ...]) -> Iterator[None]:
    """These signals call `handler`; those that are ignored stay so. Only the main thread can do that, in others nothing changes."""
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    before = {number: signal.getsignal(number) for number in numbers}
    before = {number: there for number, there in before.items() if there is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, there in before.items():
            signal.signal(number, there)


class Interrupt:
    """A context manager that turns the ending signals into `.signal`, the number of the first that came."""

    def __init__(self):
        self.signal: int | None = None

    def __enter__(self):
        self._handling = signal_handler(self._note, TERMINATION_SIGNALS)
        self._handling.__enter__()
        return self

    def __exit__(self, *error):
        self._handling.__exit__(*error)

    def _note(self, number, _frame) -> None:
        self.signal = self.signal or number

    @property
    def exit_code(self) -> int:
        """128 + signal as shells report it (130 for Ctrl-C, 143 for SIGTERM); 0 without one."""
        return 128 + self.signal if self.signal else 0


@contextmanager
def unbroken() -> Iterator[None]:
    """A signal that comes meanwhile is heard at the end: for the few steps that put a complete result in place."""
    with Interrupt() as interrupt:
        yield
    if interrupt.signal:
        signal.raise_signal(interrupt.signal)
