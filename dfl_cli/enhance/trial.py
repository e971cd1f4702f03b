"""The first run of a stranger's network, in a process of its own: its graph may loop for ever, or ask for all memory."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CHILD = "dfl_cli.enhance.examine"
TRIAL_SECONDS = 180  # a large network that restores faces takes 20 on a slow processor


class UnusableNetwork(Exception):
    """The file is no network that enhances a picture.

    reason  a word: missing-package, not-onnx, inputs, outputs, range, fails, endless, or endless-loop
    """

    def __init__(self, path: Path, reason: str, details: str = ""):
        super().__init__(path, reason, details)
        self.path, self.reason, self.details = path, reason, details


def try_network(path: Path, values: str, *, seconds: float = TRIAL_SECONDS) -> Mapping[str, Any]:
    """What `super_resolution.examine` finds out about the network at `path`, within `seconds`. Raises UnusableNetwork, OSError."""
    line = [sys.executable, "-m", CHILD, str(path.absolute()), values]
    try:
        done = subprocess.run(line, capture_output=True, timeout=seconds, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise UnusableNetwork(path, "endless", f"{seconds:g}") from None
    try:
        found = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise UnusableNetwork(path, "fails", "".join(last)[:200] or f"exit code {done.returncode}") from None
    if "reason" in found:
        raise UnusableNetwork(path, found["reason"], found["details"])
    return found
