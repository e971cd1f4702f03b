"""Runs of `dfl` that a signal reaches just before their n-th change of a folder, or after a time.

Run as a program it forks for each run, so that a sweep over all moments of a command does not load its libraries each time.
"""

import ctypes
import io
import json
import mmap
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from programs import running

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CAPABILITIES_VERSION = 0x20080522  # linux/capability.h
RUNNING, STOPPED = "running", "stopped"


class Runs:
    """Starts runs and reports on them; what the run of a number printed is in `said(number)`."""

    def __init__(self, program: subprocess.Popen, log: Path):
        self.program, self.log, self.count = program, log, 0

    def ask(self, **request):
        self.program.stdin.write(json.dumps(request) + "\n")
        self.program.stdin.flush()
        return json.loads(self.program.stdout.readline())

    def start(self, *arguments, root: Path, **how) -> int:
        """Its number. `how`:

        at, by          number of the signal that comes before the at-th change below `root`; SIGKILL if not given
        after           seconds until it is killed by SIGALRM
        largest_file    bytes
        unprivileged    permissions hold, for root too
        """
        self.count += 1
        log = self.log.with_name(f"{self.log.name}-{self.count}")
        words = [str(one) for one in arguments]
        return self.ask(do="start", log=str(log), arguments=words, root=str(root), how=how) and self.count

    def wait(self, number: int, seconds: float = 100.0):
        """Its exit code, -9 after SIGKILL; "stopped" if SIGSTOP reached it, "running" after these seconds."""
        return self.ask(do="wait", number=number, seconds=seconds)

    def send(self, number: int, by: int) -> None:
        self.ask(do="send", number=number, by=by)

    def changes(self, number: int) -> int:
        """How often it has changed what lies below its root."""
        return self.ask(do="changes", number=number)

    def said(self, number: int) -> str:
        return self.log.with_name(f"{self.log.name}-{number}").read_text(errors="replace")

    def run(self, *arguments, root: Path, **how) -> int:
        return self.wait(self.start(*arguments, root=root, **how))


@contextmanager
def runs(log: Path, modules: str) -> Iterator[Runs]:
    """Runs of `dfl`, with `modules` (names with blanks between) loaded before they are forked; `log`: where their output goes."""
    line = [sys.executable, __file__, modules]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with running(line, stdin=subprocess.PIPE, env=environment) as program:
        yield Runs(program, log)
        program.stdin.close()


def sender(root: str, at: int, by: int, count: mmap.mmap):
    """An audit hook that counts the changes below `root` and sends the signal `by` before the `at`-th; never for 0."""

    def hook(event: str, about: tuple) -> None:
        if event == "open":
            changes = isinstance(about[2], int) and about[2] & WRITING
        else:
            changes = event in CHANGES
        if changes and any(os.fsdecode(one).startswith(root) for one in about if isinstance(one, (str, bytes, Path))):
            number = int.from_bytes(count[:8], "little") + 1
            count[:8] = number.to_bytes(8, "little")
            if number == at:
                os.kill(os.getpid(), by)

    return hook


def drop_capabilities() -> None:
    """As for any user, also where the tests run as root."""
    header, nothing = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION, 0), (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset(header, nothing):
        raise OSError(ctypes.get_errno(), "capset")


def prepare(
    log: str, root: str, count: mmap.mmap, *, at=0, by=signal.SIGKILL, after=0.0, largest_file=None, unprivileged=False
):
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdin = io.TextIOWrapper(io.BytesIO())
    if largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    if unprivileged:
        drop_capabilities()
    sys.addaudithook(sender(root, at, by, count))
    signal.setitimer(signal.ITIMER_REAL, after)


class Children:
    """The runs, as the program sees them."""

    def __init__(self):
        self.pids: list[int] = [0]
        self.counts: list[mmap.mmap | None] = [None]
        self.codes: dict[int, int] = {}

    def start(self, log: str, arguments: list[str], root: str, how: dict) -> bool:
        from dfl_cli.main import main

        count = mmap.mmap(-1, 8)
        if not (pid := os.fork()):
            prepare(log, root, count, **how)
            code = 1
            try:
                code = main(arguments)
                sys.stdout.flush()
            except BaseException:
                traceback.print_exc()
            os._exit(code)
        self.pids.append(pid)
        self.counts.append(count)
        return True

    def wait(self, number: int, seconds: float) -> int | str:
        end = time.monotonic() + seconds
        while number not in self.codes:
            pid, status = os.waitpid(self.pids[number], os.WNOHANG | os.WUNTRACED)
            if pid and os.WIFSTOPPED(status):
                return STOPPED
            if pid:
                self.codes[number] = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                return RUNNING
            else:
                time.sleep(0.002)
        return self.codes[number]

    def send(self, number: int, by: int) -> None:
        if number not in self.codes:
            os.kill(self.pids[number], by)

    def changes(self, number: int) -> int:
        return int.from_bytes(self.counts[number][:8], "little")


def serve() -> None:
    from importlib import import_module

    for name in sys.argv[1].split():
        import_module(name)
    children = Children()
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(getattr(children, request.pop("do"))(**request)), flush=True)


if __name__ == "__main__":
    serve()
