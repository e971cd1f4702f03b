"""The short help: usage, examples, and a line for each flag or command."""

import argparse
import copy
import re
import sys
from collections.abc import Iterable, Mapping, Sequence

from dfl_cli.options.help.examples import EXAMPLES
from dfl_cli.options.help.layout import COLUMN, NARROW, HelpFormatter
from dfl_cli.terminal.color import shows_color
from dfl_cli.terminal.width import display_width
from dfl_cli.terminal.wrap import cut, wrapped
from dfl_cli.translate import tr

ENDS = (re.compile(r"(?<=\.)\s|(?<=。)"), re.compile(r"[;；]"))  # of a sentence, of a part of it
COMMON = frozenset({"help", "lang"})  # `dest` of flags that every command has
LONGEST_COMMAND = 44  # columns of an example that has its text beside it


def formatter(prog: str) -> argparse.HelpFormatter:
    """For stdout as it is."""
    if not shows_color(sys.stdout):
        return HelpFormatter(prog)
    from dfl_cli.options.help.color import ColorFormatter

    return ColorFormatter(prog)


def short_help(parser: argparse.ArgumentParser) -> str:
    """Usage, examples, then a line for every flag."""
    page = formatter(parser.prog)
    page.add_usage(usage_of(parser), [], [])
    page.add_text(parser.description)
    add_examples(page, parser.prog)
    groups = ordered((group.title, [*visible(group._group_actions)]) for group in parser._action_groups)
    every = [action for _, actions in groups for action in actions]
    limit = room_for_text(page, map(shortest, every))
    for title, actions in groups:
        page.start_section(title)
        page.add_arguments([shortened(page, action, limit) for action in actions])
        page.end_section()
    page.add_text(tr("{command} --help-all explains every flag.", command=parser.prog))
    return page.format_help()


def listing(prog: str, about: str, sections: Mapping[str, Mapping[str, str]], flags: Sequence[argparse.Action]) -> str:
    """The help of a word that has commands behind it. sections: heading -> name of a command -> line about it."""
    page = formatter(prog)
    page.add_usage("%(prog)s COMMAND ...", [], [])
    page.add_text(about)
    add_examples(page, prog)
    groups = {title: [named(*command) for command in commands.items()] for title, commands in sections.items()}
    groups[tr("flags")] = list(flags)
    limit = room_for_text(page, (action for actions in groups.values() for action in actions))
    for title, actions in groups.items():
        page.start_section(title)
        page.add_arguments([shortened(page, action, limit) for action in actions])
        page.end_section()
    page.add_text(tr("{command} COMMAND --help shows examples and flags of a command.", command=prog))
    return page.format_help()


def named(name: str, about: str) -> argparse.Action:
    """A command in the place of an argument."""
    return argparse.Action([], dest=name, metavar=name, help=about.replace("%", "%%"))


def visible(actions: Iterable[argparse.Action]) -> Iterable[argparse.Action]:
    """The arguments of a group that are shown; in the place of a word that names actions, these."""
    for action in actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action._get_subactions()
        elif action.help is not argparse.SUPPRESS:
            yield action


def ordered(groups: Iterable[tuple[str, list[argparse.Action]]]) -> list[tuple[str, list[argparse.Action]]]:
    """The flags of every command last, and a group of nothing else below the others."""
    groups = [(title, sorted(actions, key=lambda action: action.dest in COMMON)) for title, actions in groups]
    return sorted(groups, key=lambda group: bool(group[1]) and group[1][0].dest in COMMON)


def shortest(action: argparse.Action) -> argparse.Action:
    """`action` with its own spelling only, and without a list of choices that needs half a line."""
    short = copy.copy(action)
    if short.option_strings and short.dest != "help":
        short.option_strings = short.option_strings[:1]
    if isinstance(short, argparse.BooleanOptionalAction):
        short.option_strings = [short.option_strings[0]]
    if short.option_strings and short.nargs != 0:
        flag = short.option_strings[0]
        values = short.metavar if isinstance(short.metavar, str) else choices_text(short)
        if not fits_beside(flag, values) or values.lower() in (short.dest, "{}"):
            short.metavar, short.choices = flag.rpartition("-")[2].upper(), None
    return short


def choices_text(action: argparse.Action) -> str:
    """`{a,b}`, as argparse shows the choices of a flag."""
    return f"{{{','.join(map(str, action.choices or ()))}}}"


def fits_beside(flag: str, values: str) -> bool:
    """Whether a flag with its values leaves the column of the texts free."""
    return len(flag) + len(values) + 5 <= COLUMN


def room_for_text(page: argparse.HelpFormatter, actions: Iterable[argparse.Action]) -> int | None:
    """Columns beside the arguments; None: on narrow terminals texts stand below them, as long as they are."""
    if page._width < NARROW:
        return None
    widest = max((len(page._format_action_invocation(action)) for action in actions), default=0)
    return page._width - min(widest + 4, page._max_help_position)


def shortened(page: argparse.HelpFormatter, action: argparse.Action, limit: int | None) -> argparse.Action:
    """`action` for one line, its text in `limit` columns."""
    short = shortest(action)
    if action.help:
        text = getattr(action, "short_help", None) or page._expand_help(action)
        short.help = first_part(text, limit or 0).replace("%", "%%")
        if limit:
            short.help = cut(short.help, limit)
    return short


def first_part(text: str, limit: int = 0) -> str:
    """`text` if it fits into `limit` columns, else its first sentence, or the first part of that."""
    text = " ".join(text.split()).rstrip(".。")
    for end in ENDS:
        if display_width(text) > limit:
            text = end.split(text, maxsplit=1)[0].rstrip(".。")
    return text


def usage_of(parser: argparse.ArgumentParser) -> str:
    """The command, what it needs, and that there are flags."""
    page, words = argparse.HelpFormatter(parser.prog), ["%(prog)s"]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return f"%(prog)s {action.metavar} ..."
        if action.option_strings and action.required:
            values = page._format_args(action, page._get_default_metavar_for_optional(action))
            words.append(f"{action.option_strings[0]} {values}".replace("%", "%%"))
        elif not action.option_strings and action.help is not argparse.SUPPRESS:
            values = page._format_args(action, page._get_default_metavar_for_positional(action))
            words.append(values.replace("%", "%%"))
    return " ".join([*words, "[...]"])


def add_examples(page: argparse.HelpFormatter, prog: str) -> None:
    """The examples of a command, each with what it does beside it or below."""
    examples = EXAMPLES.get(prog, ())
    if not examples:
        return
    width = max((len(command) for command, _ in examples if len(command) <= LONGEST_COMMAND), default=0)
    page.start_section(tr("examples"))
    lines = []
    for command, about in examples:
        line, text = command.ljust(width), tr(about)
        if display_width(line + text) + 4 <= page._width:
            lines.append(f"{line}  {text}")
        else:
            lines += [command, *(f"    {part}" for part in wrapped(text, page._width - 6))]
    page.add_text("\n".join(lines))
    page.end_section()
