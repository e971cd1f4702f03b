"""The page of the editor: a frame of HTML with the person's texts, in which the scripts show faces and labels."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

from nicegui import ui

from dfl_cli.web.look import VIRTUAL_LIST, add_look
from dfl_cli.xseg.edit.assists import Assists
from dfl_cli.xseg.edit.face_list import FILTERS
from dfl_cli.xseg.edit.session import EditSession
from dfl_cli.xseg.edit.web import rows
from dfl_cli.xseg.edit.web.texts import keys, order_text, texts

HERE = Path(__file__).parent
SKELETON, STYLESHEET = HERE / "page.html", HERE / "page.css"
OWN = (
    "server.js", "polygons.js", "label_history.js", "face.js", "storage.js", "faces.js", "canvas.js", "assists.js", "polygon_tool.js",
    "brush_tool.js", "refining_tools.js", "pointer.js",
    "conflict.js", "edit_keys.js", "page.js",
)  # fmt: skip
SCRIPTS = [VIRTUAL_LIST, *(HERE / name for name in OWN)]


def build_page(session: EditSession, assists: Assists) -> None:
    add_look(STYLESHEET, SCRIPTS)
    ui.html(skeleton(rows.setup(session, assists)), sanitize=False).classes("whole")


def skeleton(setup: dict) -> str:
    """page.html with its texts, and the texts of the scripts."""
    words = texts()
    filters = choices({one: words[f"filter_{one}"] for one in FILTERS})
    orders = choices({one: order_text(one) for one in setup["orders"]})
    help_rows = "".join(f"<dt><kbd>{html.escape(key)}</kbd></dt><dd>{html.escape(text)}</dd>" for key, text in keys())
    parts = {key: html.escape(text) for key, text in words.items()} | {
        "filters": filters,
        "orders": orders,
        "keys": help_rows,
        "texts": html.escape(json.dumps(words)),
        "setup": html.escape(json.dumps(setup)),
    }
    return re.sub(r"{{(\w+)}}", lambda found: parts[found[1]], SKELETON.read_text(encoding="utf-8"))


def choices(labels: dict[str, str]) -> str:
    return "".join(
        f'<option value="{html.escape(value)}">{html.escape(text)}</option>' for value, text in labels.items()
    )
