"""The session of an interactive merge as a file in its output folder."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from dfl_cli.merge.pixels.settings import MergeSettings
from dfl_cli.merge.watch.session import MergeSession, SessionMismatch
from dfl_cli.options.outputs import free_path
from dfl_cli.text_files.encoding import read_text
from dfl_cli.text_files.syntax import parse_json
from samplers.files.atomic_file import write_atomically
from samplers.files.names import escape_surrogates

NAME = ".dfl-merge-session.json"


class SessionFile:
    """`<output>/.dfl-merge-session.json`, replaced whole whenever the session has changed."""

    def __init__(self, output: Path):
        self.path = output / NAME
        self.saved_revision = -1

    @property
    def exists(self) -> bool:
        return self.path.is_file()

    def read_into(self, session: MergeSession, *, is_whole: Callable[[str], bool]) -> None:
        """Resume; `is_whole` says of a frame's name whether its result is still what was written.

        Raises SessionMismatch.
        """
        try:
            saved = parse_json(read_text(self.path))
        except (OSError, ValueError, RecursionError) as error:
            raise SessionMismatch(str(error)) from error
        session.resume(saved, is_whole=is_whole)

    def differing(self, settings: MergeSettings) -> int:
        """How many frames the session gives other settings than these; 0 for a file that cannot be read."""
        try:
            saved = parse_json(read_text(self.path))
            stored = [values != asdict(settings) for values in saved["settings"]]
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
    """Name of each frame -> what changes when its file or the landmarks of its faces do."""
    return {path.name: fingerprint(path, faces.get(path.stem, ())) for path in paths}


def fingerprint(path: Path, landmarks: Sequence) -> str:
    try:
        status = path.stat()
        seen = f"{status.st_size} {status.st_mtime_ns}"
    except OSError:  # vanished; reading it will say so
        seen = "gone"
    digest = hashlib.sha256(seen.encode())
    for points in landmarks:
        digest.update(points.tobytes())
    return digest.hexdigest()[:16]
