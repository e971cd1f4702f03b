"""The kinds of value an option can have: how each is read, kept within its limits, shown and described.

`read` takes what a person typed or a file held and raises ValueError for anything that is not of the kind.
`clamp_to_limits` moves a value that was
read within the limits and says so, a line per change. Typed text arrives in NFKC form, so full-width digits and letters count.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from dfl_cli.translate import listed, tr

YES = frozenset({"y", "yes", "true", "on", "1", "是"})
NO = frozenset({"n", "no", "false", "off", "0", "否"})


AUTO = "auto"  # typed or given for a number that the program is to find
LARGEST_WHOLE = 2**31  # of a whole number that has no upper limit of its own


def plain(text: str) -> str:
    """Typed text without blanks around it, full-width forms made narrow."""
    return unicodedata.normalize("NFKC", text).strip()


class Kind:
    """What all kinds share: nothing to fit, no list above the question."""

    echoes = True  # the value is printed after it was typed, not only after Enter

    def read(self, raw: Any) -> Any:
        raise NotImplementedError

    def clamp_to_limits(self, value, answers: Mapping) -> tuple[Any, list[str]]:
        return value, []

    def hint(self) -> str:
        """What stands in the brackets of the question."""
        return ""

    def accepted(self) -> str:
        """What can be given, for a message."""
        raise NotImplementedError

    def show(self, value) -> str:
        """The value as a person would type it."""
        return str(value)

    def menu(self) -> list[str]:
        """Lines above the question."""
        return []

    def completions(self) -> tuple[str, ...]:
        """What Tab completes."""
        return ()


@dataclass(frozen=True)
class Integer(Kind):
    """A whole number from `low` to `high` (None: open), a multiple of `multiple` (a number, or a function of the answers)."""

    low: int | None = None
    high: int | None = None
    multiple: int | Callable[[Mapping], int] = 1
    round_up: bool = False  # round up instead of down
    range_text: str | None = None  # the range as it stands in the question, where it is not `low-high`

    def read(self, raw):
        if isinstance(raw, bool):
            raise ValueError(raw)
        if isinstance(raw, Real) and not isinstance(raw, Integral):
            raw = whole(float(raw))
        value = int(plain(raw) if isinstance(raw, str) else raw)
        if abs(value) > LARGEST_WHOLE:
            raise ValueError(raw)
        return value

    def clamp_to_limits(self, value, answers):
        value, said = clamp(value, self.low, self.high)
        step = self.multiple(answers) if callable(self.multiple) else self.multiple
        if value % step:
            up = self.round_up or (self.low is not None and value - value % step < self.low)
            used = value - value % step + (step if up else 0)
            said.append(tr("{value} is not a multiple of {step}: using {used}", value=value, step=step, used=used))
            value = used
        return value, said

    def hint(self):
        if self.range_text is not None:
            return self.range_text
        return "" if self.low is None or self.high is None else f"{self.low}-{self.high}"

    def accepted(self):
        text = between(tr("a whole number"), self.low, self.high)
        if callable(self.multiple) or self.multiple == 1:
            return text
        return tr("{text}, a multiple of {step}", text=text, step=self.multiple)


@dataclass(frozen=True)
class AutoInteger(Integer):
    """A whole number, or AUTO, in whose place whoever asks puts a number once all answers are known."""

    def read(self, raw):
        return AUTO if isinstance(raw, str) and plain(raw).lower() == AUTO else super().read(raw)

    def clamp_to_limits(self, value, answers):
        return (value, []) if value == AUTO else super().clamp_to_limits(value, answers)

    def accepted(self):
        return tr("{text}, or auto", text=super().accepted())

    def completions(self):
        return (AUTO,)


@dataclass(frozen=True)
class Number(Kind):
    """A finite number from `low` to `high`."""

    low: float | None = None
    high: float | None = None
    range_text: str | None = None

    def read(self, raw):
        if isinstance(raw, bool):
            raise ValueError(raw)
        try:
            value = float(plain(raw) if isinstance(raw, str) else raw)
        except OverflowError:  # a whole number of 400 digits
            raise ValueError(raw) from None
        if not math.isfinite(value):
            raise ValueError(raw)
        return value + 0.0  # -0.0 becomes 0.0

    def clamp_to_limits(self, value, answers):
        return clamp(value, self.low, self.high)

    def hint(self):
        if self.range_text is not None:
            return self.range_text
        return "" if self.low is None or self.high is None else f"{self.low} .. {self.high}"

    def accepted(self):
        return between(tr("a number"), self.low, self.high)


@dataclass(frozen=True)
class YesNo(Kind):
    """True or False; y and n, yes and no, 是 and 否."""

    echoes = False

    def read(self, raw):
        if isinstance(raw, bool):
            return raw
        text = plain(str(raw)).lower()
        if text in YES:
            return True
        if text in NO:
            return False
        raise ValueError(raw)

    def hint(self):
        return "y/n"

    def accepted(self):
        return tr("y or n")

    def completions(self):
        return ("y", "n")

    def show(self, value):
        return "y" if value else "n"


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few words. Where y and n are among them, every spelling of yes and no counts."""

    choices: tuple[str, ...]

    def read(self, raw):
        text = plain(str(raw)).lower()
        for choice in self.choices:
            if text == choice.lower():
                return choice
        for word, spellings in (("y", YES), ("n", NO)):
            if word in self.choices and text in spellings:
                return word
        raise ValueError(raw)

    def hint(self):
        return "/".join(self.choices)

    def accepted(self):
        return tr("one of {choices}", choices=listed(self.choices))

    def completions(self):
        return self.choices


@dataclass(frozen=True)
class Numbered(Choice):
    """One of a longer list, by its number or its name; the value is the name."""

    def read(self, raw):
        if not isinstance(raw, bool) and str(raw).strip().isdecimal() and int(raw) < len(self.choices):
            return self.choices[int(raw)]
        return super().read(raw)

    def hint(self):
        return ""

    def menu(self):
        return [f"({number}) {choice}" for number, choice in enumerate(self.choices)]


@dataclass(frozen=True)
class MatchingText(Kind):
    """Text in lower case that matches `pattern`; `rule` says in words what does, `examples` are what Tab completes."""

    pattern: str
    rule: str
    examples: tuple[str, ...] = ()

    def read(self, raw):
        text = plain(str(raw)).lower()
        if not re.fullmatch(self.pattern, text, re.ASCII):
            raise ValueError(raw)
        return text

    def accepted(self):
        return tr(self.rule)

    def completions(self):
        return self.examples


@dataclass(frozen=True)
class Text(Kind):
    """Any text."""

    def read(self, raw):
        return unicodedata.normalize("NFC", str(raw)).strip()

    def accepted(self):
        return tr("a text")


def whole(value: float) -> int:
    if not value.is_integer():
        raise ValueError(value)
    return int(value)


def clamp(value, low, high) -> tuple[Any, list[str]]:
    """`value` within the limits, and the line that says what was changed."""
    if low is not None and value < low:
        return low, [tr("{value} is below {limit}: using {limit}", value=value, limit=low)]
    if high is not None and value > high:
        return high, [tr("{value} is above {limit}: using {limit}", value=value, limit=high)]
    return value, []


def between(noun: str, low, high) -> str:
    if low is not None and high is not None:
        return tr("{noun} from {low} to {high}", noun=noun, low=low, high=high)
    return noun if low is None else tr("{noun}, {low} or more", noun=noun, low=low)
