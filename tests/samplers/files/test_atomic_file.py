"""A file is replaced whole or stays as it was."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from samplers.files.atomic_file import remove_leftovers, replacing, write_atomically

ROOT = Path(__file__).resolve().parents[3]
UNFINISHED = """
import sys, time
from pathlib import Path
from samplers.files.atomic_file import replacing

with replacing(Path(sys.argv[1])) as partial:
    partial.write_bytes(b"half")
    print("writing", flush=True)
    time.sleep(600)
"""


def test_pieces_become_one_file(tmp_path):
    write_atomically(tmp_path / "a", [b"one", b"two"])
    assert (tmp_path / "a").read_bytes() == b"onetwo"


@pytest.mark.parametrize("mode", [0o444, 0o200, 0])
def test_a_file_that_may_not_be_written_is_replaced_and_keeps_its_mode(tmp_path, not_root, mode):
    """Its folder decides about that."""
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(mode)
    with not_root(tmp_path):
        write_atomically(path, b"new")
    assert path.stat().st_mode & 0o777 == mode
    path.chmod(0o644)
    assert path.read_bytes() == b"new"


def test_a_failure_midway_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def pieces():
        yield b"new"
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, pieces())
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_stay(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o600)
    write_atomically(path, b"new")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["a" * 255, "\u6362" * 85, ".hidden"])
def test_a_name_may_be_as_long_as_the_file_system_allows(tmp_path, name):
    write_atomically(tmp_path / name, b"new")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_file_of_the_user_is_never_taken_for_an_unfinished_one(tmp_path):
    mine = tmp_path / ".a.partial"
    mine.write_bytes(b"mine")
    write_atomically(tmp_path / "a", b"new")
    assert remove_leftovers(tmp_path) == []
    assert mine.read_bytes() == b"mine"


def test_two_writers_of_one_file_do_not_mix(tmp_path):
    with replacing(tmp_path / "a") as first, replacing(tmp_path / "a") as second:
        first.write_bytes(b"first")
        second.write_bytes(b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


@pytest.mark.skipif(
    os.name == "nt", reason="Windows removes no file another process holds open, and renames none either"
)
def test_what_is_complete_but_not_renamed_yet_is_no_leftover(tmp_path, monkeypatch):
    fsync, removed = os.fsync, []

    def another_run_starts(descriptor):
        removed.extend(remove_leftovers(tmp_path))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", another_run_starts)
    write_atomically(tmp_path / "a", b"new")
    assert removed == []
    assert (tmp_path / "a").read_bytes() == b"new"


def test_what_a_killed_writer_left_is_removed_and_what_is_being_written_stays(tmp_path):
    writers = [
        subprocess.Popen([sys.executable, "-c", UNFINISHED, str(tmp_path / name)], cwd=ROOT, stdout=subprocess.PIPE)
        for name in ("a", "b", "c")
    ]
    for writer in writers:
        writer.stdout.readline()
    try:
        for writer in writers[:2]:
            writer.kill()
            writer.wait(60)
        assert [path.name[:3] for path in remove_leftovers(tmp_path, "a")] == [".a."]
        assert [path.name[:3] for path in remove_leftovers(tmp_path)] == [".b."]
        assert [path.name[:3] for path in tmp_path.iterdir()] == [".c."]
    finally:
        for writer in writers:
            writer.kill()
            writer.wait(60)
            writer.stdout.close()
