"""What the person reads, in the person's language.

English stands in the code; a catalog in locales/<language>/*.toml has the other text under the English one.
"""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dfl_cli import toml

LANGUAGES = ("en", "zh")
LOCALES = Path(__file__).parent / "locales"


class Translator:
    """Remembers the language this process speaks; threads share it."""

    def __init__(self):
        self.language = "en"

    def translate(self, text: str, /, **values) -> str:
        """`text` in the chosen language with `{names}` filled in; English where a translation is missing."""
        if self.language != "en":
            text = catalog(self.language).get(text, text)
        return text.format(**values) if values else text


_translator = Translator()
tr = _translator.translate


def set_language(language: str | None) -> None:
    """Speak `language`, one of LANGUAGES; None: what the environment asks for."""
    language = language or language_of(os.environ)
    if language not in LANGUAGES:
        raise ValueError(language)
    _translator.language = language


def language() -> str:
    return _translator.language


def language_of(environment: Mapping[str, str]) -> str:
    """The language POSIX locale variables ask for; English if it is none of ours."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


@cache
def catalog(language: str) -> dict[str, str]:
    """English text -> its translation, from every file of the language."""
    texts = {}
    for path in sorted((LOCALES / language).glob("*.toml")):
        texts.update(toml.loads(path.read_text(encoding="utf-8")))
    return texts
