"""The columns of help, as wide as the terminal, and help as plain text. `color_help` has it in colors."""

import argparse

from dfl_cli.terminal.wrap import wrapped
from dfl_cli.translate import tr

COLUMN = 34  # where texts begin, at most
NARROW = 60  # columns; below it texts stand under their flags
NARROW_COLUMN = 6


class HelpFormatter(argparse.HelpFormatter):
    """argparse's, with lines that are cut where a terminal cuts them."""

    def __init__(self, prog: str, **kwargs):
        super().__init__(prog, **{"max_help_position": COLUMN, **kwargs})
        if self._width < NARROW:
            self._max_help_position = NARROW_COLUMN
        self._headings = []

    def start_section(self, heading: str | None) -> None:
        self._headings.append(heading)
        super().start_section(heading)

    def format_help(self) -> str:
        """With the colon of the language after headings, which Python 3.10 and 3.11 write themselves."""
        text = super().format_help()
        for heading in self._headings:
            text = text.replace(f"\n{heading}:\n", "\n" + tr("%(heading)s:") % {"heading": heading} + "\n")
        return text

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(" ".join(text.split()), width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for part in text.splitlines() for line in wrapped(part, width))
