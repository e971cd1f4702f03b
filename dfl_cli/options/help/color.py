"""Help in colors, by rich-argparse; imported only for a terminal that shows them."""

import argparse
from typing import ClassVar

from rich.console import Console
from rich.text import Text
from rich_argparse import RichHelpFormatter

from dfl_cli.options.help.layout import LEAST_WIDTH, NARROW_INDENT, Columns
from dfl_cli.terminal.wrap import wrapped
from dfl_cli.translate import tr


class ColorFormatter(Columns, RichHelpFormatter):
    """The layout of `layout.HelpFormatter`. Brackets in a text are no markup."""

    group_name_formatter = staticmethod(lambda heading: heading)
    help_markup = text_markup = usage_markup = False
    styles: ClassVar[dict] = RichHelpFormatter.styles | {
        "argparse.args": "cyan",
        "argparse.groups": "bold yellow",
        "argparse.metavar": "green",
        "argparse.prog": "bold",
    }

    class _Section(RichHelpFormatter._Section):
        def __init__(self, formatter, parent, heading=None):
            super().__init__(formatter, parent, heading)
            if heading is not argparse.SUPPRESS and heading is not None:
                self.heading = tr("%(heading)s:") % {"heading": heading}  # with a full-width colon in Chinese

    def __init__(self, prog: str, **kwargs):
        super().__init__(prog, **kwargs)
        self.console = Console(force_terminal=True, highlight=False, emoji=False, markup=False)

    def _rich_format_action_invocation(self, action: argparse.Action) -> Text:
        whole = super()._rich_format_action_invocation(action)
        return Text("\n" + " " * (self._current_indent + NARROW_INDENT)).join(self._rich_lines(whole, self.flag_width))

    def _rich_split_lines(self, text: Text, width: int) -> list[Text]:
        return self._rich_lines(self._rich_whitespace_sub(text), width)

    def _rich_lines(self, text: Text, width: int) -> list[Text]:
        """The lines of `wrapped`, in the colors of `text`."""
        begin, lines = 0, []
        for line in wrapped(text.plain, width):
            begin = text.plain.index(line, begin)
            lines.append(text[begin : begin + len(line)])
            begin += len(line)
        return lines

    def _rich_fill_text(self, text: Text, width: int, indent: Text) -> Text:
        """Line by line, as layout.HelpFormatter does."""
        width = max(self._width - len(indent), LEAST_WIDTH)
        lines = [line for part in text.split() for line in self._rich_lines(part, width)]
        return Text("\n").join(indent + line for line in lines) + "\n\n"
