"""Trying something in a process of its own: a crash or a hang there is an answer, not the end of the program."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

TAIL_CHARACTERS = 2000  # characters of the error stream that are kept


@dataclass(frozen=True)
class TrialOutcome:
    """How a trial ended."""

    facts: Mapping = field(default_factory=dict)  # what the trial reported, if it worked
    error: str = ""  # last line it wrote before it failed; empty if it worked
    signal: str = ""  # name of the signal that killed it
    timed_out: bool = False
    seconds: float = 0.0

    @property
    def worked(self) -> bool:
        return not (self.error or self.signal or self.timed_out)


def run_module(
    module: str, arguments: Sequence[str] = (), *, seconds: float, environment: Mapping = {}
) -> TrialOutcome:
    """Run `python -m module arguments`, whose last line is a JSON object, in a child process that has `seconds` to finish.

    Ctrl-C ends the child and is raised here.
    """
    started = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            capture_output=True, text=True, errors="replace", timeout=seconds, env={**os.environ, **environment},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return TrialOutcome(timed_out=True, seconds=seconds)
    passed = time.monotonic() - started
    if done.returncode < 0:
        return TrialOutcome(signal=signal_name(-done.returncode), seconds=passed)
    facts = last_object(done.stdout)
    if done.returncode or facts is None:
        return TrialOutcome(error=last_line(done.stderr) or f"exit code {done.returncode}", seconds=passed)
    return TrialOutcome(facts, seconds=passed)


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def last_object(text: str) -> dict | None:
    """The JSON object in the last line; libraries may have written before it."""
    try:
        value = json.loads(text.splitlines()[-1])
    except (IndexError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def last_line(text: str) -> str:
    lines = [line.strip() for line in text[-TAIL_CHARACTERS:].splitlines() if line.strip()]
    return lines[-1] if lines else ""
