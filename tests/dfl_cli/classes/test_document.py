"""docs/options.md."""

from pathlib import Path

from dfl_cli.classes.document import document
from dfl_cli.classes.registry import trained_classes
from dfl_cli.translate import language

PAGE = Path(__file__).resolve().parents[3] / "docs" / "options.md"


def test_the_page_is_what_the_tables_say():
    assert PAGE.read_text(encoding="utf-8") == document(), "docs/options.md is out of date: run `make docs`"


def test_every_option_is_there_once_per_language():
    page = document()
    for key in {option.key for one in trained_classes().values() for option in one.table}:
        assert page.count(f"### `{key}` ") == 2


def test_writing_the_page_leaves_the_language_alone():
    document()
    assert language() == "en"
