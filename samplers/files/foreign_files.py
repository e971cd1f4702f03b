"""Files that a system, a file manager or an editor leaves among a person's files. They are never content.

Where a folder's files count as pictures, packs, models or persons, `is_foreign` is asked first.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from samplers.files.atomic_file import PARTIAL

OURS = ".dfl"  # begins the hidden files of this program, which nobody needs to hear of
NAMES = {
    *("thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini"),  # Windows
    *("$recycle.bin", "system volume information", "recycler"),
    *("__macosx", "icon\r"),  # macOS
    *("@eadir", "#recycle", "#snapshot", "@tmp", "@recycle", "@recently-snapshot"),  # Synology, QNAP
    "lost+found",
}
SUFFIXES = ("~", "@synoeastream", "@synoresource", ":zone.identifier")  # backups of editors, streams of other systems


def is_foreign(name: str) -> bool:
    """Whether a file or folder of this name is never content: `._00001.jpg`, `Thumbs.db`, `@eaDir`, `00001.jpg~`."""
    lower = name.lower()
    return name not in (".", "..") and (
        lower.startswith((".", "~$"))
        or lower.endswith(SUFFIXES)
        or (lower.startswith("#") and lower.endswith("#"))
        or lower in NAMES
    )


def own_files(folder: Path) -> list[Path]:
    """What is in `folder`, files and folders, without the foreign ones; in no order. Raises OSError."""
    return [path for path in folder.iterdir() if not is_foreign(path.name)]


def own_entries(folder: Path) -> list[Path]:
    """Those of `own_files` that are no folders. What cannot be opened is among them, so that it is reported when it is read:
    a link to a disk that is not mounted, a FIFO. Raises OSError."""
    return [path for path in own_files(folder) if not os.path.isdir(path)]  # noqa: PTH112 - Path.is_dir raises


def foreign_names(names: Iterable[str]) -> list[str]:
    """The foreign ones of `names`, sorted, without this program's own hidden files."""
    return sorted(name for name in names if is_foreign(name) and not _is_ours(name))


def _is_ours(name: str) -> bool:
    return name.startswith(OURS) or (name.startswith(".") and name.endswith(PARTIAL))
