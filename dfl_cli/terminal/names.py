"""Names of files in a line of text."""

from collections.abc import Sequence

from dfl_cli.translate import listed, tr
from samplers.files.names import printable


def shortened(names: Sequence[str], count: int) -> str:
    """The first `count` of `names`, and how many more there are."""
    shown = listed(map(printable, names[:count])) or tr("nothing")
    more = len(names) - count
    return shown if more <= 0 else tr("{names} and {more} more", names=shown, more=more)
