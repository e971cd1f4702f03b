"""`dfl sort`, `dfl videoed extract-video` and the like: say which command here does it, and run that."""

import shutil
from collections.abc import Callable, Sequence

from dfl_cli.dfl_names.table import COMMANDS, DEVELOPERS, EXPLAINED, GROUPS, UTILITIES
from dfl_cli.dfl_names.words import Remark, first_words, line_here, utilities, without_explained
from dfl_cli.errors import UserError
from dfl_cli.options.parser import HELP_FLAGS, WRONG_USAGE, wants_help
from dfl_cli.terminal.console import notice, print_error, say
from dfl_cli.terminal.names import quoted
from dfl_cli.translate import tr

Run = Callable[[list[str]], int]  # words of a command line here -> exit code
LISTED_ALONE = {"sort", "exportdfm", *GROUPS}  # with nothing else the commands here are listed


def run_dfl_line(arguments: Sequence[str], run: Run) -> int:
    """Carry out a command line, DeepFaceLab's or ours; the exit code. Raises UserError.

    run  carries out one of ours
    """
    first = arguments[0] if arguments else ""
    if first in DEVELOPERS:
        what = tr('"{name}" serves DeepFaceLab\'s developers; there is no such command here.', name=first)
        return refuse(what, fix=tr("See {command} --help.", command="dfl"))
    if first in LISTED_ALONE and not arguments[1:]:
        return show_commands(first)
    if first == "util":
        return run_utilities(arguments, run)
    name = first_words(arguments)
    if name == "exportdfm" and not wants_help(arguments):
        from dfl_cli.dfl_names.export import export_words

        return run_named("exportdfm", export_words(arguments[1:]), run)
    if name:
        return run_command_here(name, arguments[len(name.split()) :], run)
    if first in GROUPS:
        return list_or_refuse(arguments)
    return run_explained(list(arguments), run)


def run_command_here(name: str, arguments: Sequence[str], run: Run) -> int:
    """Run the command here, unless it needs a flag that DeepFaceLab does not have."""
    here = COMMANDS[name]
    rest, remarks = without_explained(here.command, arguments)
    words = line_here(here, rest)
    given = {word.partition("=")[0] for word in words}
    if here.needed and not given & {*here.needed, *HELP_FLAGS}:
        what = tr(
            'DeepFaceLab\'s "{name}" is: {command}', name=name, command=" ".join(["dfl", here.command, here.usage])
        )
        return refuse(what, fix=tr(here.why_needed, flag=here.needed[0]))
    return explain(remarks) or run_named(name, words, run)


def run_named(name: str, words: list[str], run: Run) -> int:
    """Name the command here, then run it."""
    notice(tr('DeepFaceLab\'s "{name}" is: {command}', name=name, command=shown(words)))
    return run(words)


def run_explained(words: list[str], run: Run) -> int:
    """Run one of our commands; flags that only DeepFaceLab has are explained and left out."""
    command = next((name for n in (2, 1) if (name := " ".join(words[:n])) in EXPLAINED), None)
    if command is None or words[:2] == ["extract", "review"]:
        return run(words)
    head = words[: len(command.split())]
    rest, remarks = without_explained(command, words[len(head) :])
    return explain(remarks) or run(head + rest)


def explain(remarks: Sequence[Remark]) -> int:
    """Say what becomes of these flags; 0, or the exit code of wrong usage where one is refused."""
    for flag, about in remarks:
        if about.refuses:
            return refuse(tr("{flag} is a flag of DeepFaceLab and does not exist here.", flag=flag), fix=tr(about.text))
        notice(tr("{flag}: {text}", flag=flag, text=tr(about.text)))
    return 0


def run_utilities(arguments: Sequence[str], run: Run) -> int:
    """One switch after the other, until one fails."""
    steps = utilities(arguments[1:])
    if not steps:
        return list_or_refuse(arguments)
    for switch, words in steps:
        if code := run_named(f"util {switch}", words, run):
            return code
    return 0


def list_or_refuse(arguments: Sequence[str]) -> int:
    """The commands of a group on --help; wrong usage otherwise."""
    if wants_help(arguments):
        return show_commands(arguments[0])
    return refuse(
        tr('"{words}" is not a command of DeepFaceLab.', words=shown(arguments)),
        fix=tr("Run {command} for the list.", command="dfl " + arguments[0]),
    )


def refuse(what: str, *, fix: str) -> int:
    """Say it as an error; the exit code of wrong usage."""
    print_error(str(UserError(what, fix=fix)))
    return WRONG_USAGE


def show_commands(first: str) -> int:
    """What DeepFaceLab's commands beginning with `first` are here."""
    found = {f"util {switch}": here for switch, here in UTILITIES.items()} if first == "util" else COMMANDS
    found = {name: here for name, here in found.items() if name.split()[0] == first}
    lines = {name: f"dfl {here.command} {here.usage}" for name, here in found.items()}
    width = max(map(len, lines))
    beside = width + max(map(len, lines.values())) + 4 <= shutil.get_terminal_size().columns
    say(tr("DeepFaceLab's commands, and the commands here:"))
    for name, line in lines.items():
        say(f"  {name:{width}}  {line}" if beside else f"  {name}\n      {line}")
    return 0


def shown(words: Sequence[str]) -> str:
    """A command line as it would be typed."""
    return " ".join(["dfl", *map(quoted, words)])
