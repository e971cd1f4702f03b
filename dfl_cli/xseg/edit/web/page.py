"""The page of the editor: a frame of HTML with the person's texts, in which the scripts show faces and labels."""

from __future__ import annotations

from pathlib import Path

from dfl_cli.web import skeleton
from dfl_cli.xseg.edit.assists import Assists
from dfl_cli.xseg.edit.face_list import FILTERS
from dfl_cli.xseg.edit.session import EditSession
from dfl_cli.xseg.edit.web import rows
from dfl_cli.xseg.edit.web.texts import keys, order_text, texts

HERE = Path(__file__).parent
SCRIPTS = (
    "server.js", "polygons.js", "label_history.js", "face.js", "storage.js", "faces.js", "canvas.js", "assists.js", "polygon_tool.js",
    "brush_tool.js", "refining_tools.js", "pointer.js",
    "conflict.js", "edit_keys.js", "page.js",
)  # fmt: skip


def build_page(session: EditSession, assists: Assists) -> None:
    words, setup = texts(), rows.setup(session, assists)
    filters = skeleton.choices({one: words[f"filter_{one}"] for one in FILTERS})
    orders = skeleton.choices({one: order_text(one) for one in setup["orders"]})
    parts = {"filters": filters, "orders": orders, "setup": skeleton.as_attribute(setup)}
    skeleton.build_page(HERE, SCRIPTS, skeleton.filled(HERE / "page.html", words, keys(), **parts))
