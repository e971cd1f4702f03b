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
            most = max(1, len(beginning(rest, width)))
            lines.append(rest[:most])
            rest = rest[most:]
        lines.append(rest)
    return lines


def cut(text: str, width: int) -> str:
    """`text`, or its beginning and an ellipsis, in `width` columns."""
    if display_width(text) <= width:
        return text
    kept = beginning(wrapped(text, width - 2)[0], width - 2)
    return kept.rstrip(",.;: ，。；：、") + " …"


def beginning(text: str, width: int) -> str:
    """As much of the beginning of `text` as `width` columns hold, also within a word."""
    while display_width(text) > width:
        text = text[:-1]
    return text
