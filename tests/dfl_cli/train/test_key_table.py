"""The one table of keys, and what is made from it."""

from pathlib import Path

import pytest

from dfl_cli.terminal.keys import key_names
from dfl_cli.train.key_table import key_table, keys_in_short, keys_in_window, press
from dfl_cli.translate import set_language

PAGE = Path(__file__).resolve().parents[3] / "docs" / "watching.md"


class Session:
    """Notes what is asked of it."""

    def __init__(self):
        self.asked = []

    def __getattr__(self, name: str):
        return lambda: self.asked.append(name)


def test_the_page_about_watching_lists_every_key():
    rows = "".join(f"| {key.label} | {key.help} |\n" for key in key_table())
    assert rows in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_key_is_named_at_the_start_and_most_in_the_window(language):
    set_language(language)
    window = " ".join(keys_in_window())
    for key in key_table():
        assert f"[{key.label}]" in keys_in_short()
        assert not key.short or f"[{key.label}] {key.short}" in window


def test_every_key_can_be_typed_and_none_is_there_twice():
    names = [key.name for key in key_table()]
    assert len(set(names)) == len(names)
    assert key_names("\r qsbpl?") == ["enter", "space", "q", "s", "b", "p", "l", "?"]
    assert set(names) == set(key_names("\r qsbpl?"))


def test_a_key_without_a_meaning_does_nothing():
    session = Session()
    press("x", session)
    assert session.asked == []
