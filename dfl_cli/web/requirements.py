"""What pages need beyond the program itself. Loads nothing of it."""

import importlib.util

from dfl_cli.errors import UserError
from dfl_cli.translate import tr


def require_nicegui(asked: str) -> None:
    """Raises UserError where NiceGUI is not installed. asked: what the person typed for a page."""
    if importlib.util.find_spec("nicegui") is None:
        raise UserError(
            tr("The browser page requires NiceGUI."), saw=asked, fix=tr('Install it: pip install "dfl-trainer[web]"')
        )
