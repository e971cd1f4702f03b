"""What our own JSON files hold: one schema per file, checked when the file is read; the first wrong field is named.

A schema is a tree of kinds. `check(value, field)` passes silently or raises WrongField; keys that a schema does not name pass,
because later versions may write more.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from dfl_cli.text_files.encoding import read_text, shown
from dfl_cli.text_files.syntax import NotParsed, parse_json
from dfl_cli.translate import tr

LONGEST_VALUE = 40  # characters of a wrong value in a message


class WrongField(ValueError):
    """A file holds something that it cannot hold; `file` is its name, `problem` names the field, what it is and should be."""

    def __init__(self, problem: str, file: str = ""):
        super().__init__(file, problem)
        self.file, self.problem = file, problem

    def __str__(self) -> str:
        return tr("{file}: {problem}", file=self.file, problem=self.problem) if self.file else self.problem


class Schema(Protocol):
    """One kind of value."""

    def check(self, value: Any, field: str) -> None:
        """Raises WrongField."""


def read_checked(path: Path, schema: Schema) -> Any:
    """The value of a JSON file. Raises WrongField, also for text that is no JSON; OSError."""
    try:
        value = parse_json(read_text(path))
        schema.check(value, "")
    except WrongField as error:
        raise WrongField(error.problem, path.name) from None
    except NotParsed as error:
        raise WrongField(str(error), path.name) from None
    except (
        ValueError,
        RecursionError,
    ):  # an encoding that cannot be detected, numbers of 10,000 digits, brackets without end
        raise WrongField(tr("it is damaged"), path.name) from None
    return value


def wrong(field: str, value: Any, expected: str) -> WrongField:
    if not field:
        return WrongField(tr("it holds {found}; expected: {expected}", found=value_text(value), expected=expected))
    return WrongField(
        tr("{field} is {found}; expected: {expected}", field=shown(field), found=value_text(value), expected=expected)
    )


def missing(field: str) -> WrongField:
    return WrongField(tr("{field} is missing", field=shown(field)))


def value_text(value: Any) -> str:
    """A wrong value in a message, shortened."""
    if isinstance(value, int) and abs(value) >= 10**15 and not isinstance(value, bool):
        return f"{'-' * (value < 0)}10^{int(math.log10(abs(value)))}"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return shown(text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…")


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`."""

    low: int = 0
    high: int = 10**12

    def check(self, value, field):
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            noun = tr("a whole number")
            raise wrong(field, value, tr("{noun} from {low} to {high}", noun=noun, low=self.low, high=self.high))


@dataclass(frozen=True)
class Number:
    """A finite number from `low` to `high`."""

    low: float = -1e30
    high: float = 1e30

    def check(self, value, field):
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.low <= value <= self.high:
            noun = tr("a number")
            raise wrong(field, value, tr("{noun} from {low} to {high}", noun=noun, low=self.low, high=self.high))


@dataclass(frozen=True)
class YesOrNo:
    def check(self, value, field):
        if not isinstance(value, bool):
            raise wrong(field, value, tr("true or false"))


@dataclass(frozen=True)
class Words:
    """A text that matches `pattern` whole; `expected` says in words what does."""

    pattern: str = r"[\s\S]*"
    expected: Callable[[], str] = lambda: tr("a text")

    def check(self, value, field):
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise wrong(field, value, self.expected())


@dataclass(frozen=True)
class Optional:
    """`kind`, or null."""

    kind: Schema

    def check(self, value, field):
        if value is not None:
            self.kind.check(value, field)


@dataclass(frozen=True)
class ListOf:
    """A list of `kind`, of `length` if that is given."""

    kind: Schema
    length: int | None = None

    def check(self, value, field):
        if not isinstance(value, list) or self.length not in (None, len(value)):
            raise wrong(
                field, value, tr("a list") if self.length is None else tr("a list of {count}", count=self.length)
            )
        for index, item in enumerate(value):
            self.kind.check(item, f"{field}[{index}]")


@dataclass(frozen=True)
class Row:
    """A list with one value for each of `kinds`."""

    kinds: tuple[Schema, ...]

    def check(self, value, field):
        ListOf(Anything(), len(self.kinds)).check(value, field)
        for index, (kind, item) in enumerate(zip(self.kinds, value, strict=True)):
            kind.check(item, f"{field}[{index}]")


@dataclass(frozen=True)
class MapOf:
    """An object whose keys match `pattern`, and all values are `kind`; with the keys `needs` at least."""

    kind: Schema
    pattern: str = r"[\s\S]*"
    needs: tuple[str, ...] = ()

    def check(self, value, field):
        if not isinstance(value, Mapping):
            raise wrong(field, value, tr("an object"))
        for key in self.needs:
            if key not in value:
                raise missing(within(field, key))
        for key, item in value.items():
            if not re.fullmatch(self.pattern, key):
                raise WrongField(tr("{field} has the key {key}", field=field, key=value_text(key)))
            self.kind.check(item, within(field, key))


@dataclass(frozen=True)
class Fields:
    """An object with the fields `needed`, and perhaps those of `others`."""

    needed: Mapping[str, Schema] = field(default_factory=dict)
    others: Mapping[str, Schema] = field(default_factory=dict)

    def check(self, value, field):
        if not isinstance(value, Mapping):
            raise wrong(field, value, tr("an object"))
        for key in self.needed:
            if key not in value:
                raise missing(within(field, key))
        for key, kind in {**self.needed, **self.others}.items():
            if key in value:
                kind.check(value[key], within(field, key))


@dataclass(frozen=True)
class Anything:
    def check(self, value, field):
        pass


def within(field: str, key: str) -> str:
    return f"{field}.{key}" if field else key
