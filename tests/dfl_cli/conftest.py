"""Things the tests of the command line may ask for."""

import io
from collections.abc import Iterator

import pytest

from dfl_cli.terminal import Console
from dfl_cli.translate import language, set_language


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test starts in English, whatever the machine speaks, and leaves no other language behind."""
    before = language()
    set_language("en")
    yield
    set_language(before)


@pytest.fixture
def typed(monkeypatch):
    """`typed("a", "b")`: a console whose person types these lines and then closes the input."""

    def console(*lines: str) -> Console:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        return Console()

    return console
