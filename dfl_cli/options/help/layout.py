"""The columns of help, as wide as the terminal, and help as plain text. `color_help` has it in colors."""

import argparse

from dfl_cli.terminal.wrap import wrapped
from dfl_cli.translate import tr

COLUMN = 34  # where texts begin, at most
NARROW = 60  # columns; below it texts stand under their flags
NARROW_COLUMN = 6
NARROW_INDENT = 2  # of the second line of a flag with many spellings
ONE_LINE = 10_000
LEAST_WIDTH = 11  # columns for a text, as argparse has it
USAGE_INDENT = " " * 4  # of the second line of a usage


class Columns:
    """What both formatters have in common: where texts begin, and usage lines no wider than the terminal."""

    def __init__(self, prog: str, **kwargs):
        super().__init__(prog, **{"max_help_position": COLUMN, **kwargs})
        if self._width < NARROW:
            self._max_help_position = NARROW_COLUMN

    @property
    def flag_width(self) -> int:
        """Columns for a flag with its value; more than enough where texts stand beside them."""
        return self._width - self._current_indent - NARROW_INDENT if self._width < NARROW else ONE_LINE

    def _format_usage(self, usage, actions, groups, prefix) -> str:
        text = super()._format_usage(usage, actions, groups, prefix)
        if not usage:  # the prefix alone, for rich-argparse
            return text
        return f"\n{USAGE_INDENT}".join(wrapped(text, self._width - len(USAGE_INDENT))) + "\n\n"


class HelpFormatter(Columns, argparse.HelpFormatter):
    """argparse's, with lines that are cut where a terminal cuts them."""

    def __init__(self, prog: str, **kwargs):
        super().__init__(prog, **kwargs)
        self._headings = []

    def _format_action_invocation(self, action: argparse.Action) -> str:
        """All spellings, then the value once, as Python 3.13 does."""
        if not action.option_strings:
            return super()._format_action_invocation(action)
        text = ", ".join(action.option_strings)
        if action.nargs != 0:
            text += " " + self._format_args(action, self._get_default_metavar_for_optional(action))
        return ("\n" + " " * (self._current_indent + NARROW_INDENT)).join(wrapped(text, self.flag_width))

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
