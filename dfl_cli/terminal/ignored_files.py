"""Which files of systems and editors were passed over in a person's folder, said once."""

from collections.abc import Sequence
from pathlib import Path

from dfl_cli.terminal.console import notice
from dfl_cli.terminal.names import shortened
from dfl_cli.translate import ntr
from samplers.files.foreign_files import foreign_names

NAMES_SHOWN = 5
_mentioned: set[Path] = set()  # folders


def mention_ignored(folder: Path, names: Sequence[str] | None = None) -> None:
    """One line for each folder and run. `names`: as they were passed over; None: those that lie in it now."""
    if names is None:
        names = foreign_names(path.name for path in folder.iterdir()) if folder.is_dir() else []
    if not names or folder.absolute() in _mentioned:
        return
    _mentioned.add(folder.absolute())
    notice(
        ntr(
            "Ignored {count} hidden or system file in {folder}: {names}",
            "Ignored {count} hidden or system files in {folder}: {names}",
            count=len(names),
            folder=folder,
            names=shortened(names, NAMES_SHOWN),
        )
    )
