"""The page of a review: a frame of HTML with the person's texts, in which the scripts show faces and frames."""

from __future__ import annotations

from pathlib import Path

from dfl_cli.review.session import ORDERS
from dfl_cli.review.web.texts import keys, texts
from dfl_cli.web import skeleton

HERE = Path(__file__).parent
SCRIPTS = ("server.js", "faces.js", "heat_map.js", "editor.js", "page.js")


def build_page() -> None:
    words = texts()
    orders = skeleton.choices({order: words[order] for order in ORDERS})
    skeleton.build_page(HERE, SCRIPTS, skeleton.filled(HERE / "page.html", words, keys(), orders=orders))
