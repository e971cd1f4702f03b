"""Columns that text takes on a terminal."""

import unicodedata


def display_width(text: str) -> int:
    """Columns `text` takes: two for wide (Chinese) characters, none for combining ones."""
    return sum(columns(character) for character in unicodedata.normalize("NFC", text))


def columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
