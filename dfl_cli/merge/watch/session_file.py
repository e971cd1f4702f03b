"""The session of an interactive merge as a file in its output folder."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.watch.session import FORMAT, MergeSession, SessionMismatch
from dfl_cli.text_files.encoding import read_text
from dfl_cli.text_files.schema import (
    Anything,
    Fields,
    ListOf,
    MapOf,
    Optional,
    Row,
    Whole,
    Words,
    WrongField,
    read_checked,
)
from dfl_cli.text_files.syntax import parse_json
from samplers.files.atomic_file import write_atomically
from samplers.files.file_range import FileRange, content_fingerprint
from samplers.files.names import escape_surrogates, free_path

NAME = ".dfl-merge-session.json"
PLACE = Optional(Whole())  # in the list of settings
SESSION = Fields(
    {
        "model": Fields({"name": Words(), "iteration": Whole()}),
        "position": Words(),
        "frames": ListOf(Row((Words(), Words(), PLACE, PLACE))),  # name, fingerprint, settings, settings written with
        "settings": ListOf(MapOf(Anything())),
    },
    {"format": Whole(FORMAT, FORMAT)},
)


class SessionFile:
    """`<output>/.dfl-merge-session.json`, replaced whole whenever the session has changed."""

    def __init__(self, output: Path):
        self.path = output / NAME
        self.saved_revision = -1

    @property
    def exists(self) -> bool:
        return self.path.is_file()

    def read_into(
        self,
        session: MergeSession,
        *,
        is_whole: Callable[[str], bool],
        is_same: Callable[[str, str], bool] = lambda name, fingerprint: False,
    ) -> None:
        """Resume; `is_whole` and `is_same` as `MergeSession.resume` takes them. Raises SessionMismatch."""
        try:
            saved = read_checked(self.path, SESSION)
        except (OSError, WrongField) as error:
            raise SessionMismatch(str(error)) from error
        session.resume(saved, is_whole=is_whole, is_same=is_same)

    def differing(self, settings: MergeSettings) -> int:
        """How many frames the session gives other settings than these; 0 for a file that cannot be read."""
        try:
            saved = parse_json(read_text(self.path))
            usual = asdict(settings)
            stored = [usual | values != usual for values in saved["settings"]]
            return sum(stored[number] for _, _, number, _ in saved["frames"] if number is not None)
        except (OSError, ValueError, TypeError, LookupError, RecursionError):
            return 0

    def keep_under_other_name(self) -> Path:
        """Keep a file that cannot be resumed under another name."""
        return self.path.rename(free_path(self.path.with_name(f"{NAME}.before")))

    def save(self, session: MergeSession) -> None:
        """Write the session if it has changed since."""
        revision = session.revision
        if revision == self.saved_revision:
            return
        text = json.dumps(session.as_json(), ensure_ascii=False, separators=(",", ":"))
        write_atomically(self.path, [escape_surrogates(text).encode()])
        self.saved_revision = revision


def fingerprints(paths: Sequence[Path], faces: Mapping[str, Sequence]) -> dict[str, str]:
    """Name of each frame -> what changes when its content or the landmarks of its faces do."""
    return {path.name: fingerprint(path, faces.get(path.stem, ())) for path in paths}


def fingerprint(path: Path, landmarks: Sequence, *, by_time: bool = False) -> str:
    """`by_time`: as it was at first, by size and time of the file."""
    try:
        status = path.stat()
        seen = f"{status.st_size} {status.st_mtime_ns}".encode() if by_time else content_fingerprint(FileRange(path))
    except OSError:  # vanished; reading it will say so
        seen = b"gone"
    digest = hashlib.sha256(seen)
    for points in landmarks:
        digest.update(points.tobytes())
    return digest.hexdigest()[:16]
