"""A command line of DeepFaceLab as command lines of this program; nothing is run here."""

from collections.abc import Sequence
from typing import NamedTuple

from dfl_cli.dfl_names.table import COMMANDS, EXPLAINED, UTILITIES, Explained, Here
from dfl_cli.options.flags import ALIASES

# DeepFaceLab's spelling of a flag -> the shortest one.
SHORTEST = {name: min((flag, *names), key=len) for flag, names in ALIASES.items() for name in (flag, *names)}


class Remark(NamedTuple):
    """A flag that was left out, with its value, and why."""

    flag: str
    about: Explained


def first_words(arguments: Sequence[str]) -> str | None:
    """The command of DeepFaceLab in COMMANDS that `arguments` begin with."""
    return next((name for n in (2, 1) if (name := " ".join(arguments[:n])) in COMMANDS), None)


def without_explained(command: str, arguments: Sequence[str]) -> tuple[list[str], list[Remark]]:
    """`arguments` of a command here without the flags that only DeepFaceLab has, and these flags."""
    rest, remarks, words = [], [], list(arguments)
    while words:
        word = words.pop(0)
        flag, equals, value = word.partition("=")
        value = value if equals else next(iter(words), "")
        about = next((one for one in EXPLAINED.get(command, {}).get(flag, ()) if one.only in ("", value)), None)
        if about is None:
            rest.append(word)
            continue
        del words[: about.values - bool(equals) if about.values else 0]
        remarks.append(Remark(f"{flag} {about.only}".rstrip(), about))
    return rest, remarks


def positional(flag: str, arguments: Sequence[str]) -> list[str]:
    """`arguments` with the value of `flag` in front, without the flag."""
    front, rest, words = [], [], list(arguments)
    while words:
        word = words.pop(0)
        if word == flag and words:
            front.append(words.pop(0))
        elif word.startswith(f"{flag}="):
            front.append(word.partition("=")[2])
        else:
            rest.append(word)
    return front + rest


def line_here(here: Here, arguments: Sequence[str]) -> list[str]:
    """The words of the command here."""
    return [*here.command.split(), *map(in_short, positional(here.place, arguments))]


def in_short(word: str) -> str:
    """A flag in its shortest spelling; any other word as it is."""
    flag, equals, value = word.partition("=")
    return SHORTEST.get(flag, flag) + equals + value


def utilities(arguments: Sequence[str]) -> list[tuple[str, list[str]]]:
    """The switches of `util` among `arguments`, in DeepFaceLab's order, each with its command here."""
    rest = [word for word in arguments if word not in UTILITIES]
    return [(switch, line_here(here, rest)) for switch, here in UTILITIES.items() if switch in arguments]
