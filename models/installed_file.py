"""Files of networks that are installed with the program: their bytes, checked."""

import hashlib
from pathlib import Path


class DamagedNetwork(Exception):
    """A file of this program, `path`, is not what was installed."""

    def __init__(self, path: Path):
        super().__init__(str(path))
        self.path = path


def installed_bytes(path: Path, sha256: str) -> bytes:
    """Raises DamagedNetwork where the file is missing or was changed."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DamagedNetwork(path) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DamagedNetwork(path)
    return content
