"""Signals that end a session: noted when they come, acted on between two steps, so that the save is never cut short."""

import signal

ENDING = ("SIGINT", "SIGTERM", "SIGHUP")  # SIGHUP, the lost ssh connection, does not exist on Windows


class Interrupt:
    """A context manager that turns the ending signals into `.signal`, the number of the first that came."""

    def __init__(self):
        self.signal: int | None = None

    def __enter__(self):
        numbers = [getattr(signal, name) for name in ENDING if hasattr(signal, name)]
        self._before = {number: signal.signal(number, self._note) for number in numbers}
        return self

    def __exit__(self, *_):
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number, _frame) -> None:
        self.signal = self.signal or number

    @property
    def exit_code(self) -> int:
        """128 + signal as shells report it (130 for Ctrl-C, 143 for SIGTERM); 0 without one."""
        return 128 + self.signal if self.signal else 0
