"""What the person reads, in the person's language: gettext catalogs (docs/decisions/0021).

English stands in the code. locales/<language>/LC_MESSAGES/dfl.po has the other text under the English one; `make messages`
collects the English texts into it. `tr`, `ntr`, `ptr` and `N_` take literals only, outside f-strings: that is where Babel finds them.
"""

import gettext
import io
import operator
import os
import re
from collections.abc import Iterable, Mapping
from functools import cache
from numbers import Number
from pathlib import Path

from samplers.files.names import printable, printable_lines

LANGUAGES = {"en": "en-US", "zh": "zh-CN"}  # the folder in locales -> how browsers name the language
LONGEST_VALUE = 4000  # characters; a list of names has less
LOCALES = Path(__file__).parent / "locales"


class Translator:
    """Remembers the language this process speaks; threads share it."""

    def __init__(self):
        self.language = "en"

    def translate(self, text: str, /, **values) -> str:
        """`text` in the chosen language with `{names}` filled in; English where a translation is missing."""
        text = text and catalog(self.language).gettext(text)  # gettext("") is the head of the catalog
        return text.format(**shown(values)) if values else text

    def translate_plural(self, one: str, many: str, /, count: int, **values) -> str:
        """The form that `count` takes, with `{count}` and other names filled in: "{count} frame", "{count} frames"."""
        text = catalog(self.language).ngettext(one, many, operator.index(count))
        return text.format(count=count, **shown(values))

    def translate_in_context(self, context: str, text: str, /, **values) -> str:
        """As `translate`, for an English text that needs another translation here; `context` is for the translator only."""
        text = catalog(self.language).pgettext(context, text)
        return text.format(**shown(values)) if values else text


def shown(values: Mapping) -> dict:
    """The values of a text as a terminal may show them: names of files come from anybody, so control characters in them are escaped."""
    return {key: as_shown(value) for key, value in values.items()}


class Lines(str):
    """A value of several lines that were written here; those in any other value are escaped."""

    __slots__ = ()


def as_shown(value):
    """Numbers as they are, which the text may format; anything else as printable text in one line, not too long."""
    if value is None or isinstance(value, Number):
        return value
    text = printable_lines(value) if isinstance(value, Lines) else printable(str(value).expandtabs(4))
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"


_translator = Translator()
tr = _translator.translate
ntr = _translator.translate_plural
ptr = _translator.translate_in_context


def listed(items: Iterable) -> str:
    """`items` in one line of a sentence: `a, b`, in Chinese `a、b`."""
    # Translators: between the items of a list.
    return tr(", ").join(str(as_shown(item)) for item in items)


def phrases(items: Iterable) -> str:
    """Parts of a sentence: `until iteration 500, at most 3 hours`, in Chinese with `，`."""
    # Translators: between parts of a sentence.
    return ptr("parts of a sentence", ", ").join(str(as_shown(item)) for item in items)


def clauses(items: Iterable) -> str:
    """Longer items, which may have commas: `a, b; c`."""
    # Translators: between the items of a list that have commas themselves.
    return tr("; ").join(str(as_shown(item)) for item in items)


def labeled(label, text) -> str:
    """`label: text`, in Chinese with a full-width colon."""
    return tr("{label}: {text}", label=label, text=text)


def remarked(text, remark) -> str:
    """`text (remark)`, in Chinese with full-width brackets."""
    return tr("{text} ({remark})", text=text, remark=remark)


def N_(text: str) -> str:  # noqa: N802  (gettext's name for it)
    """Marks a text that reaches `tr` later, such as the label of an option."""
    return text


# What the system and FFmpeg say most often; what is not here stays in English.
SYSTEM_REASONS = (
    N_("File exists"),
    N_("File too large"),
    N_("Input/output error"),
    N_("Invalid data found when processing input"),
    N_("Is a directory"),
    N_("No space left on device"),
    N_("No such file or directory"),
    N_("Not a directory"),
    N_("Operation not permitted"),
    N_("Permission denied"),
    N_("Read-only file system"),
    N_("Too many levels of symbolic links"),
)


def system_reason(error: OSError) -> str:
    """Why a file cannot be opened, read or written."""
    return tr(error.strerror) if error.strerror else str(error)


def set_language(language: str | None) -> None:
    """Speak `language`, one of LANGUAGES; None: what the environment asks for."""
    language = language or language_of(os.environ)
    if language not in LANGUAGES:
        raise ValueError(language)
    _translator.language = language


def language() -> str:
    return _translator.language


def language_of(environment: Mapping[str, str]) -> str:
    """The language POSIX locale variables ask for, such as zh_CN.UTF-8; English if it is none of ours."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            code = re.split(r"[-_.@]", value.lower())[0]
            return code if code in LANGUAGES else "en"
    return "en"


@cache
def catalog(language: str) -> gettext.NullTranslations:
    """The texts of a language by their English; fuzzy ones are left out."""
    if language == "en":
        return gettext.NullTranslations()
    texts = catalog_file(language)
    if not texts.is_file():  # installed: setup.py has compiled it
        return gettext.GNUTranslations(io.BytesIO(texts.with_suffix(".mo").read_bytes()))
    import polib

    return gettext.GNUTranslations(io.BytesIO(polib.pofile(str(texts), encoding="utf-8").to_binary()))


def catalog_file(language: str) -> Path:
    """Where a checkout has the texts of a language."""
    return LOCALES / language / "LC_MESSAGES" / "dfl.po"
