"""Lines of text as wide as a terminal, where Chinese characters take two columns."""

import re

from dfl_cli.terminal.width import display_width

WIDE = "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6"
CLOSING = "，。、；：！？）》」』】〉”’…%,.;:!?)\\]}"
OPENING = "（《「『【〈“‘(\\[{"
# What stays together: a wide character, or the word of others, with the punctuation around it.
PIECE = re.compile(rf"\s+|[{OPENING}]*(?:[{WIDE}]|[^\s{WIDE}]+)[{CLOSING}]*|\S")


def wrapped(text: str, width: int) -> list[str]:
    """The lines of `text`, none wider than `width` columns unless a single word is; blanks at its beginning stay."""
    lines, line = [], ""
    for piece in PIECE.findall(text.rstrip()):
        if line.strip() and display_width(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        if line or not lines or not piece.isspace():
            line += piece
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def broken(text: str, width: int) -> list[str]:
    """`text` if it fits into `width` columns, else its lines, broken within words where these are wider."""
    if display_width(text) <= width:
        return [text]
    lines = []
    for line in wrapped(text, width):
        rest = line
        while display_width(rest) > width:
            most = max(1, next(n for n in range(len(rest), -1, -1) if display_width(rest[:n]) <= width))
            lines.append(rest[:most])
            rest = rest[most:]
        lines.append(rest)
    return lines


def cut(text: str, width: int) -> str:
    """`text`, or its beginning and an ellipsis, in `width` columns."""
    if display_width(text) <= width:
        return text
    beginning = wrapped(text, width - 2)[0]
    while display_width(beginning) > width - 2:
        beginning = beginning[:-1]
    return beginning.rstrip(",.;: ，。；：、") + " …"
