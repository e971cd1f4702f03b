"""Names of files in a line of text, and in command lines to copy."""

import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from dfl_cli.translate import listed, tr
from samplers.files.names import printable

PLAIN = re.compile(r"[\w@%+=:,./-]+")  # words that no shell takes apart; letters of all languages


def shortened(names: Sequence[str], count: int) -> str:
    """The first `count` of `names`, and how many more there are."""
    shown = listed(map(printable, names[:count])) or tr("nothing")
    more = len(names) - count
    return shown if more <= 0 else tr("{names} and {more} more", names=shown, more=more)


def quoted(word: str | Path) -> str:
    """`word` as it is typed in a shell of this system."""
    word = str(word)
    if sys.platform == "win32":
        return subprocess.list2cmdline([word])
    return word if PLAIN.fullmatch(word) else shlex.quote(word)
