"""Runs of `dfl` that end by SIGKILL just before their n-th change of a folder.

Run as a program it forks for each run, so that a sweep over all moments of a command does not load its libraries each time.
"""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from programs import running

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Runs:
    """`run(..., at=n)`: the exit code, -9 if the n-th change killed it; what it printed is in `said`."""

    def __init__(self, program: subprocess.Popen, log: Path):
        self.program, self.log = program, log

    def run(self, *arguments, root: Path, at: int = 0) -> int:
        line = [at, str(root), str(self.log), [str(one) for one in arguments]]
        self.program.stdin.write(json.dumps(line) + "\n")
        self.program.stdin.flush()
        return int(self.program.stdout.readline())

    @property
    def said(self) -> str:
        return self.log.read_text()


@contextmanager
def runs(log: Path, modules: str) -> Iterator[Runs]:
    """Runs of `dfl`, with `modules` (names with blanks between) loaded before they are forked."""
    line = [sys.executable, __file__, modules]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with running(line, stdin=subprocess.PIPE, env=environment) as program:
        yield Runs(program, log)
        program.stdin.close()


def killer(root: str, at: int):
    """An audit hook that ends this process before the `at`-th change below `root`; never for 0."""
    count = 0

    def hook(event: str, about: tuple) -> None:
        nonlocal count
        if event == "open":
            changes = isinstance(about[2], int) and about[2] & WRITING
        else:
            changes = event in CHANGES
        if changes and any(os.fsdecode(one).startswith(root) for one in about if isinstance(one, (str, bytes, Path))):
            count += 1
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)

    return hook


def serve() -> None:
    from importlib import import_module

    from dfl_cli.main import main

    for name in sys.argv[1].split():
        import_module(name)
    for line in sys.stdin:
        at, root, log, arguments = json.loads(line)
        if not (child := os.fork()):
            output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(output, 1)
            os.dup2(output, 2)
            sys.stdin = io.TextIOWrapper(io.BytesIO())
            sys.addaudithook(killer(root, at))
            os._exit(main(arguments))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()
