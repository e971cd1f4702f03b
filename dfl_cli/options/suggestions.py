"""What was probably meant by a word that nobody knows."""

import difflib
from collections.abc import Iterable

from dfl_cli.translate import tr

ALIKE = 0.6  # of 0..1, as difflib measures it


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, in whatever case it was written."""
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=ALIKE)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence, or nothing."""
    near = nearest(word, known)
    return tr("Did you mean {near}?", near=near) if near else ""
