"""Files that training can do without."""

from collections.abc import Callable
from contextlib import contextmanager

from dfl_cli.train.saving.report import optional_file_line


class OptionalFiles:
    """Lets training continue when they cannot be written; the first failure of each is reported.

    Args:
        notice: (text) prints the line about it.
    """

    def __init__(self, notice: Callable[[str], None]):
        self.notice = notice
        self.failing: set[str] = set()

    @contextmanager
    def writing(self, name: str):
        """Around what writes the file `name`, or a folder of them."""
        try:
            yield
        except (OSError, MemoryError) as error:
            if name not in self.failing:
                self.failing.add(name)
                self.notice(optional_file_line(name, error))
        else:
            self.failing.discard(name)
