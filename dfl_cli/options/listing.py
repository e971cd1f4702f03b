"""The parser of `dfl` and of words such as `dfl xseg`: its help lists the commands, and any other word is wrong usage."""

from collections.abc import Iterable, Mapping

from dfl_cli.options.help.short import listing
from dfl_cli.options.parser import Parser
from dfl_cli.options.suggestions import did_you_mean
from dfl_cli.translate import tr


class ListingParser(Parser):
    """sections: heading -> name of a command -> line about it; known: other words that are understood after `prog`."""

    def __init__(self, prog: str, about: str, sections: Mapping[str, Mapping[str, str]], known: Iterable[str] = ()):
        super().__init__(prog=prog)
        self.about, self.sections = about, sections
        self.commands = [*(name for commands in sections.values() for name in commands), *known]

    def format_help(self) -> str:
        return listing(self.prog, self.about, self.sections, self._optionals._group_actions)

    short_help = format_help

    def parse_args(self, args=None, namespace=None):
        words = [word for word in args if not word.startswith("-")]
        if words:
            self._near = did_you_mean(" ".join(words[:2]), self.commands) or did_you_mean(words[0], self.commands)
            self.error(tr("There is no command {name}.", name=words[0]))
        return super().parse_args(args, namespace)
