"""The page of a review: a frame of HTML with the person's texts, in which the scripts show faces and frames."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

from nicegui import ui

from dfl_cli.review.session import ORDERS
from dfl_cli.review.web.texts import keys, texts
from dfl_cli.web.look import VIRTUAL_LIST, add_look

HERE = Path(__file__).parent
SKELETON, STYLESHEET = HERE / "page.html", HERE / "page.css"
OWN = ("server.js", "faces.js", "heat_map.js", "editor.js", "page.js")
SCRIPTS = [VIRTUAL_LIST, *(HERE / name for name in OWN)]


def build_page() -> None:
    add_look(STYLESHEET, SCRIPTS)
    ui.html(skeleton(), sanitize=False).classes("whole")


def skeleton() -> str:
    """page.html with its texts, and the texts of the scripts."""
    words = texts()
    orders = "".join(f'<option value="{order}">{html.escape(words[order])}</option>' for order in ORDERS)
    help_rows = "".join(f"<dt><kbd>{html.escape(key)}</kbd></dt><dd>{html.escape(text)}</dd>" for key, text in keys())
    parts = {key: html.escape(text) for key, text in words.items()} | {
        "orders": orders,
        "keys": help_rows,
        "texts": html.escape(json.dumps(words)),
    }
    return re.sub(r"{{(\w+)}}", lambda found: parts[found[1]], SKELETON.read_text(encoding="utf-8"))
