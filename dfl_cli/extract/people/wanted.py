"""Which of the people in an extraction are wanted: by flag, by reference photo, by question, or all."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dfl_cli.errors import UserError
from dfl_cli.extract.people.census import Census
from dfl_cli.extract.people.references import Reference, closest, parts_like
from dfl_cli.options.kinds import Kind, plain
from dfl_cli.options.option import Option
from dfl_cli.options.question import ask
from dfl_cli.terminal.console import Console, notice
from dfl_cli.terminal.interrupt import signal_handler
from dfl_cli.translate import N_, listed, ntr, tr

NAMED = 6  # people in a line of text
EVERYBODY = frozenset({"ALL", "全部", "所有", "所有人"})


@dataclass(frozen=True)
class Wish:
    """person: as given by `flag`. max_faces: of a frame, 0 for all; where it is 1, two people never share a face set."""

    person: str | None = None
    references: Sequence[Reference] = ()
    max_faces: int = 0
    asks: bool = False
    flag: str = "--person"


@dataclass(frozen=True)
class Letters(Kind):
    """One or more of the people by their letters, or all; the value is a tuple of letters, empty for all."""

    names: tuple[str, ...]
    only_one: bool

    def read(self, raw):
        if isinstance(raw, tuple):
            return raw
        text = plain(str(raw)).upper()
        if text in EVERYBODY and not self.only_one:
            return ()
        letters = tuple(part for part in re.split(r"[\s,;、]+", text) if part)
        if not letters or not set(letters) <= set(self.names) or (self.only_one and len(set(letters)) > 1):
            raise ValueError(raw)
        return letters

    def hint(self):
        shown = "/".join(self.names[:NAMED]) + ("/..." if len(self.names) > NAMED else "")
        return shown if self.only_one else f"{shown}/all"

    def accepted(self):
        one = tr("one of {choices}", choices=listed(self.names[:NAMED]))
        return one if self.only_one else tr("{one}, several such as A,B, or all", one=one)

    def show(self, value):
        return ",".join(value) or "all"


def wanted_parts(census: Census, wish: Wish, show: Callable[[], None] = lambda: None) -> frozenset[int] | None:
    """The tracks of those who are wanted; None: all of them.

    show  called before the question, to show who is who
    Raises UserError where there is nobody as wished.
    """
    if wish.references:
        return parts_of_references(census, wish.references, wish.flag)
    names = tuple(census.counts)
    kind = Letters(names, only_one=wish.max_faces == 1)
    if wish.person is not None:
        return parts_of_letters(census, kind, wish.person, wish.flag)
    if len(names) < 2:
        return None
    show()
    if wish.asks:
        default = names[:1] if kind.only_one else ()
        letters = ask_letters(census, kind, default)
        return census.parts_of(letters) if letters else None
    notice(people_text(census.counts))
    if kind.only_one:
        notice(
            tr(
                "Only {name} is kept, since one face of each frame is wanted. {flag} keeps another.",
                name=names[0],
                flag=wish.flag,
            )
        )
        return census.parts_of(names[:1])
    notice(tr("All are kept. --person A, or --reference PHOTO, keeps one of them."))
    return None


def ask_letters(census: Census, kind: Kind, default: tuple[str, ...]) -> tuple[str, ...]:
    """The letters that the person answers. Raises KeyboardInterrupt."""
    with signal_handler(signal.default_int_handler, ("SIGINT",)):  # elsewhere Ctrl-C finishes the frames on their way
        return ask(which(census, kind), default, known={}, console=Console())


def which(census: Census, kind: Kind) -> Option:
    return Option(
        key="",
        label=tr("{people}: which?", people=people_text(census.counts)),
        kind=kind,
        default=None,
        help=N_("Letters of those whose faces are kept, such as A or A,B. all keeps everybody."),
    )


def people_text(counts: Mapping[str, int], *, of_set: bool = False) -> str:
    """`3 people: A 512 frames, B 80, C 3`; of_set: `A 512 faces`, since a face set may have several of a frame."""
    people = [f"{name} {count}" for name, count in counts.items()]
    if people:
        name, count = next(iter(counts.items()))
        faces = ntr("{count} face", "{count} faces", count=count)
        people[0] = f"{name} {faces if of_set else frames_text(count)}"
    shown = listed(people[:NAMED])
    if len(people) > NAMED:
        shown = tr("{names} and {more} more", names=shown, more=len(people) - NAMED)
    return ntr("{count} person: {people}", "{count} people: {people}", count=len(people), people=shown)


def frames_text(count: int) -> str:
    return ntr("{count} frame", "{count} frames", count=count)


def parts_of_letters(census: Census, kind: Letters, given: str, flag: str = "--person") -> frozenset[int]:
    """Raises UserError."""
    try:
        letters = kind.read(given)
    except ValueError:
        raise UserError(
            tr("There is no person {given}.", given=given),
            saw=people_text(census.counts) if census.counts else tr("No faces."),
            fix=tr("Use {accepted}.", accepted=kind.accepted())
            if census.counts
            else tr("Leave out {flag}.", flag=flag),
        ) from None
    return census.parts_of(letters or census.counts)


def parts_of_references(census: Census, references: Sequence[Reference], flag: str = "--person") -> frozenset[int]:
    """Raises UserError."""
    found = parts_like(references, census.grouping, census.parts)
    if found:
        return found
    saw = tr("No faces.")
    if census.counts:
        name, alike = closest(references, census.grouping)
        saw = tr(
            "{people}; the most alike is {name}, {alike:.2f} of 1",
            people=people_text(census.counts),
            name=name,
            alike=alike,
        )
    raise UserError(
        tr("Nobody here looks like the reference."),
        saw=saw,
        fix=tr("Use other photos, or choose with {flag}.", flag=flag),
    )
