"""Pages that are made of a `page.html`, in which scripts show what there is: the frame with the person's texts."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from nicegui import ui

from dfl_cli.web.look import add_look

HERE = Path(__file__).parent
STYLESHEET, MESSAGE_AND_HELP = HERE / "common.css", HERE / "message_and_help.html"
SCRIPTS = (HERE / "common.js", HERE / "virtual_list.js")


def build_page(folder: Path, scripts: Sequence[str], skeleton: str) -> None:
    """The page of `skeleton`, with page.css and `scripts` of `folder` behind what all such pages have."""
    add_look(STYLESHEET, folder / "page.css", scripts=[*SCRIPTS, *(folder / name for name in scripts)])
    ui.html(skeleton, sanitize=False).classes("whole")


def filled(skeleton: Path, words: Mapping[str, str], keys: Iterable[tuple[str, str]], **parts: str) -> str:
    """The file `skeleton` with texts in place of {{names}}; the scripts get `words`, too.

    words  texts by name
    keys   and what they do, for the help
    parts  HTML by name
    """
    help_rows = "".join(f"<dt><kbd>{html.escape(key)}</kbd></dt><dd>{html.escape(text)}</dd>" for key, text in keys)
    found = {key: html.escape(text) for key, text in words.items()}
    found |= {"keys": help_rows, "texts": as_attribute(words), **parts}
    found["message_and_help"] = fill(MESSAGE_AND_HELP, found)
    return fill(skeleton, found)


def fill(file: Path, parts: Mapping[str, str]) -> str:
    return re.sub(r"{{(\w+)}}", lambda found: parts[found[1]], file.read_text(encoding="utf-8"))


def as_attribute(value: object) -> str:
    """`value` as JSON, for an attribute."""
    return html.escape(json.dumps(value))


def choices(labels: Mapping[str, str]) -> str:
    """The entries of a list to choose from: value -> label."""
    return "".join(
        f'<option value="{html.escape(value)}">{html.escape(text)}</option>' for value, text in labels.items()
    )
