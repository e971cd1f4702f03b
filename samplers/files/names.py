"""Names of files, in whatever spelling and bytes they come.

An accented letter, or a syllable of Hangul, is one character (NFC) or several (NFD, as macOS writes them); both look the same. An
archive made on a Chinese Windows unpacks to names in GBK, which Python hands on with one lone surrogate for each byte that is not
UTF-8 (PEP 383): such text can be encoded by `os.fsencode` and by nothing strict.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

LONGEST_NAME = 255  # bytes of a file name that file systems take
LEGACY_ENCODING = "gb18030"  # contains GBK and GB 2312
SURROGATES = re.compile(r"[\ud800-\udfff]")


def as_text(name: str) -> str:
    """`name` with bytes that are not UTF-8 read as GBK; unchanged where they are not GBK either."""
    if name.isascii() or not SURROGATES.search(name):
        return name
    for encoding in ("utf-8", LEGACY_ENCODING):  # UTF-8: under a locale that has only ASCII
        try:
            return name.encode(errors="surrogateescape").decode(encoding)
        except UnicodeError:
            continue
    return name


def readable(name: str) -> str:
    """`name` as text that any file format takes: with bytes read as GBK, or escaped where they are not."""
    return printable(as_text(name))


def match_key(name: str) -> str:
    """The same for all spellings of one name."""
    return name if name.isascii() else unicodedata.normalize("NFC", as_text(name))


def printable(text: object) -> str:
    """`text` for a terminal, a log or a web page: in one line, control characters and bytes that are no text as `\\x1b`."""
    text = str(text)
    return text if text.isprintable() else "".join(map(_printable_character, text))


def printable_lines(text: str) -> str:
    """As `printable`, for text of several lines."""
    return text if text.isprintable() else "\n".join(map(printable, text.expandtabs(4).split("\n")))


def _printable_character(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"  # the byte it stands for
    # Joiners and marks of direction (Cf) belong to Persian, Hindi and emoji; those that turn the whole line around do not.
    shown = character.isprintable() or character == "\u3000" or unicodedata.category(character) == "Cf"
    if shown and not "\u202a" <= character <= "\u202e" and not "\u2066" <= character <= "\u2069":
        return character
    return character.encode("unicode_escape").decode()


class Spellings:
    """The names of a folder, found also by names that are spelled in another way."""

    def __init__(self, names: Iterable[str]):
        self.names = set(names)
        self.by_key: dict[str, str] = {}
        for name in sorted(self.names):
            self.by_key.setdefault(match_key(name), name)

    def find(self, name: str) -> str | None:
        """`name` if it is one of the names, else the first that differs from it in spelling only."""
        if name in self.names:
            return name
        found = self.by_key.get(match_key(name))
        return found if found or name.isascii() else self._find_bytes(name)

    def _find_bytes(self, name: str) -> str | None:
        """The name that consists of the GBK bytes of `name`, even where they happen to be UTF-8, as those of 图 do."""
        try:
            legacy = name.encode(LEGACY_ENCODING).decode(errors="surrogateescape")
        except UnicodeEncodeError:
            return None
        return legacy if legacy in self.names else None


def existing_spelling(path: Path) -> Path:
    """`path`, or what is there under another spelling of its name or of those of its folders."""
    if str(path).isascii() or os.path.lexists(path) or path.parent == path:
        return path
    folder = existing_spelling(path.parent)
    if path.name.isascii() or not folder.is_dir():
        return folder / path.name
    return folder / (Spellings(each.name for each in folder.iterdir()).find(path.name) or path.name)


def split_at_number(name: str) -> tuple[str, int, str] | None:
    """Text before the last number in `name`, that number, text behind it; None where there is no number."""
    parts = re.split(r"(\d+)(?!.*\d)", name, maxsplit=1)
    return (parts[0], int(parts[1]), parts[2]) if len(parts) == 3 else None


def byte_length(name: str) -> int:
    """Of a file name on the disk."""
    return len(name.encode(errors="replace"))  # a lone surrogate stands for one byte


def fitting(stem: str, ending: str) -> str:
    """`stem` + `ending`, the stem shortened to what a file system takes as one name."""
    room = LONGEST_NAME - byte_length(ending)
    while byte_length(stem) > room:
        stem = stem[:-1]
    return stem + ending


def escape_surrogates(json_text: str) -> str:
    """JSON with lone surrogates escaped, so that it can be encoded and is read back as it was."""
    return SURROGATES.sub(lambda found: f"\\u{ord(found[0]):04x}", json_text)


def free_path(path: Path) -> Path:
    """`path`, or the first of `NAME_2.EXT`, `NAME_3.EXT` ... at which there is nothing, not even a link."""
    free, number = path, 2
    while os.path.lexists(free):
        free = path.with_name(fitting(path.stem, f"_{number}{path.suffix}"))
        number += 1
    return free
