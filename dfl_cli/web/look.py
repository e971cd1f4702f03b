"""How the pages look, and what all of them need in the browser."""

from collections.abc import Sequence
from pathlib import Path

from nicegui import ui

THEME = Path(__file__).with_name("theme.css")
ALTERNATIVE_TEXT = Path(__file__).with_name("alternative_text.js")
KEYS = Path(__file__).with_name("keys.js")
ICON = Path(__file__).with_name("icon.svg")


def add_look(*stylesheets: Path, scripts: Sequence[Path] = ()) -> None:
    """Give the page that is being built the theme, its own `stylesheets`, the keys and its own `scripts`."""
    ui.colors(primary="#1769b0", positive="#1a6b34", negative="#b3261e")  # white text can be read on them
    for style in (THEME, *stylesheets):
        ui.add_css(style.read_text(encoding="utf-8"))
    for script in (KEYS, ALTERNATIVE_TEXT, *scripts):
        ui.add_head_html(f"<script>{script.read_text(encoding='utf-8')}</script>")
