"""One writer per model: who gets it, who is told what, and how it goes on after a writer that was killed."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from dfl_cli.errors import explain
from dfl_cli.shards.owner import process_start, this_process
from dfl_cli.store.lock import ModelInUse, ModelLock
from programs import running

HOLD = """
import sys, time
from pathlib import Path
from dfl_cli.store.lock import ModelInUse, ModelLock
try:
    with ModelLock(Path(sys.argv[1])):
        print("mine", flush=True)
        sys.stdin.read()
except ModelInUse:
    print("taken", flush=True)
    sys.stdin.read()
"""


def contender(folder: Path):
    """A process that tries to get the model, says how that went, and stays until its input ends."""
    return running([sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE)


def write_owner(folder: Path, **changes) -> None:
    folder.mkdir(exist_ok=True)
    known = vars(this_process()) | changes
    (folder / "lock").write_text(json.dumps(known))


def test_the_second_of_two_is_told_who_has_the_model_and_since_when(tmp_path):
    with ModelLock(tmp_path / "ab"), pytest.raises(ModelInUse) as caught:
        ModelLock(tmp_path / "ab").__enter__()
    said = str(explain(caught.value))
    assert f"process {os.getpid()} on {socket.gethostname()}" in said
    assert caught.value.owner.since.replace("T", " ") in said


def test_after_the_end_the_model_is_free_and_a_model_that_never_came_to_be_leaves_nothing(tmp_path):
    for _ in range(2):
        with ModelLock(tmp_path / "ab"):
            assert (tmp_path / "ab" / "lock").is_file()
        assert list(tmp_path.iterdir()) == []


def test_of_many_starters_exactly_one_wins(tmp_path):
    with ExitStack() as stack:
        started = [stack.enter_context(contender(tmp_path / "ab")) for _ in range(6)]
        said = [one.stdout.readline().strip() for one in started]
    assert sorted(said) == ["mine"] + ["taken"] * 5


def test_after_kill_9_the_next_one_takes_over_and_says_so(tmp_path, capsys):
    with contender(tmp_path / "ab") as victim:
        assert victim.stdout.readline() == "mine\n"
        with pytest.raises(ModelInUse):
            ModelLock(tmp_path / "ab").__enter__()
        victim.send_signal(signal.SIGKILL)
    with ModelLock(tmp_path / "ab"):
        assert f"Process {victim.pid} on" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"pid": "x"}', "\x00\x00"])
def test_a_damaged_lock_file_locks_nobody_out(tmp_path, content):
    (tmp_path / "lock").write_text(content)
    with ModelLock(tmp_path):
        assert json.loads((tmp_path / "lock").read_text())["pid"] == os.getpid()


def test_a_lock_of_another_machine_is_explained_and_can_be_taken_over(tmp_path):
    write_owner(tmp_path, host="elsewhere", boot="another")
    with pytest.raises(ModelInUse) as caught:
        ModelLock(tmp_path).__enter__()
    assert "elsewhere" in str(explain(caught.value))
    assert "--take-over" in str(explain(caught.value))
    with ModelLock(tmp_path, take_over=True):
        pass


@pytest.mark.skipif(process_start(os.getpid()) is None, reason="this system does not tell when a process started")
def test_where_the_file_system_cannot_lock_pid_and_start_time_decide(tmp_path, monkeypatch):
    def unsupported(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    write_owner(tmp_path)
    with pytest.raises(ModelInUse):
        ModelLock(tmp_path).__enter__()
    write_owner(tmp_path, process_start=1)  # another process had this number
    with ModelLock(tmp_path):
        pass
    write_owner(tmp_path, pid=2**22 + 1)  # above the largest there can be
    with ModelLock(tmp_path):
        pass
