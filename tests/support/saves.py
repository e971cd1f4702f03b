"""Changing a save as somebody would who knows its format: with right checksums."""

import hashlib
import json
from pathlib import Path


def sealed(folder: Path) -> None:
    """Let the manifest of a save list its files as they are now."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in manifest["files"]:
        content = (folder / name).read_bytes()
        manifest["files"][name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest))
