"""Two runs on one target: the second is refused with the process that holds it, whatever the command is."""

import hashlib
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dfl_cli.store.lock import FolderLock, InUse, OutputLock
from kill_points import runs
from programs import running
from samplers.files.face_index import INDEX_NAME


def dfl(*arguments) -> list[str]:
    return [sys.executable, "-m", "dfl_cli.main", *map(str, arguments)]


def contents(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.jpg")}


@pytest.fixture
def faces(tmp_path, fixtures) -> Path:
    """200 faces with four pictures, by names that no sort gives."""
    folder = tmp_path / "aligned"
    folder.mkdir()
    pictures = [path.read_bytes() for path in sorted((fixtures / "formats").glob("*.jpg"))]
    for number in range(200):
        (folder / f"face {number}.jpg").write_bytes(pictures[number % len(pictures)] + b"%d" % number)
    return folder


@pytest.mark.parametrize("lock", [FolderLock, OutputLock])
def test_what_is_locked_names_its_holder_and_leaves_no_file(tmp_path, lock):
    with lock(tmp_path / "target"):
        with pytest.raises(InUse) as caught:
            lock(tmp_path / "target").__enter__()
        assert caught.value.owner.pid == os.getpid()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_there_stays_and_what_came_into_a_new_one_too(tmp_path):
    (tmp_path / "empty").mkdir()
    with FolderLock(tmp_path / "empty"), FolderLock(tmp_path / "new"):
        (tmp_path / "new" / "result.png").touch()
    assert [path.name for path in sorted(tmp_path.rglob("*"))] == ["empty", "new", "result.png"]


@pytest.mark.parametrize(
    "command",
    [["sort", "--by", "hue"], ["sort", "--undo"], ["pack", "--delete-originals"], ["unpack"]],
    ids=" ".join,
)
def test_a_face_set_in_work_is_left_alone(faces, command):
    before = contents(faces)
    with FolderLock(faces):
        refused = subprocess.run(
            dfl("faceset", command[0], faces, *command[1:]), capture_output=True, text=True, check=False
        )
    assert refused.returncode == 1
    assert f"process {os.getpid()} on" in refused.stderr
    assert contents(faces) == before


@pytest.mark.parametrize("command", ["pack", "unpack"])
def test_persons_of_a_face_set_are_left_alone_while_one_of_them_is_sorted(tmp_path, fixtures, command):
    persons = tmp_path / "persons"
    for name in ("ann", "bob"):
        shutil.copytree(fixtures / "formats", persons / name, ignore=shutil.ignore_patterns("*[!g]"))
    assert subprocess.run(dfl("faceset", "pack", persons), capture_output=True).returncode == 0
    before = {name: contents(persons / name) for name in ("ann", "bob")}
    words = ["--overwrite", "--delete-originals"] if command == "pack" else []
    with FolderLock(persons / "bob"):
        refused = subprocess.run(dfl("faceset", command, persons, *words), capture_output=True, text=True)
    assert (refused.returncode, f"process {os.getpid()} on" in refused.stderr) == (1, True)
    assert {name: contents(persons / name) for name in ("ann", "bob")} == before
    assert subprocess.run(dfl("faceset", "pack", persons, "--overwrite", "--delete-originals")).returncode == 0
    assert [path.name for path in persons.iterdir() if path.is_dir()] == []


def test_a_demo_in_work_is_left_alone_and_one_that_cannot_lock_leaves_nothing(tmp_path):
    with FolderLock(tmp_path / "film"):
        refused = subprocess.run(
            dfl("demo", "--workspace", tmp_path / "film"), capture_output=True, text=True, check=False
        )
    assert (refused.returncode, f"process {os.getpid()} on" in refused.stderr) == (1, True)
    full = subprocess.run(
        dfl("demo", "--workspace", tmp_path / "film"), capture_output=True, check=False, preexec_fn=no_file_grows
    )
    assert full.returncode == 1
    assert list(tmp_path.iterdir()) == []


def no_file_grows() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def test_of_two_sorts_at_once_one_is_refused_or_follows_and_both_can_be_undone(faces):
    before = contents(faces)
    with (
        running(dfl("faceset", "sort", faces, "--by", "brightness"), stderr=subprocess.PIPE) as one,
        running(dfl("faceset", "sort", faces, "--by", "hue"), stderr=subprocess.PIPE) as other,
    ):
        codes = [program.wait(60) for program in (one, other)]
    assert 0 in codes
    for _ in range(codes.count(0)):
        subprocess.run(dfl("faceset", "sort", faces, "--undo"), check=True, capture_output=True)
    assert contents(faces) == before


@pytest.mark.parametrize("command", [["sort", "--by", "brightness"], ["pack", "--delete-originals"]], ids=" ".join)
def test_after_kill_9_at_any_moment_the_next_run_brings_every_face_back_and_leaves_nothing(tmp_path, fixtures, command):
    made = tmp_path / "made"
    shutil.copytree(fixtures / "formats", made, ignore=shutil.ignore_patterns("*[!g]"))
    (made / "face.jpg").write_bytes((made / "00000_0.jpg").read_bytes())
    faces, before, at, code = tmp_path / "aligned", contents(made), 0, -signal.SIGKILL
    back = {"sort": ["sort", faces, "--undo"], "pack": ["unpack", faces]}[command[0]]
    with runs(tmp_path / "log", "dfl_cli.faceset.pack dfl_cli.faceset.sort") as dfl_runs:
        while code == -signal.SIGKILL:
            shutil.rmtree(faces, ignore_errors=True)
            shutil.copytree(made, faces)
            at += 1
            code = dfl_runs.run("faceset", command[0], faces, *command[1:], root=tmp_path, at=at)
            dfl_runs.run("faceset", *back, root=tmp_path)
            assert contents(faces) == before, at
            assert not [path.name for path in faces.glob(".*") if path.name != INDEX_NAME], at
    assert code == 0 and at > 8


def test_after_kill_9_at_any_moment_unpacking_persons_again_leaves_nothing_behind(tmp_path, fixtures):
    made, persons, at, code = tmp_path / "made", tmp_path / "persons", 0, -signal.SIGKILL
    pictures = sorted((fixtures / "formats").glob("*.jpg"))[:2]
    for name in ("ann", "bob"):
        (made / name).mkdir(parents=True)
        for picture in pictures:
            shutil.copy(picture, made / name)
    before = {name: contents(made / name) for name in ("ann", "bob")}
    with runs(tmp_path / "log", "dfl_cli.faceset.pack dfl_cli.faceset.sort") as dfl_runs:
        assert dfl_runs.run("faceset", "pack", made, "--delete-originals", root=tmp_path) == 0
        while code == -signal.SIGKILL:
            shutil.rmtree(persons, ignore_errors=True)
            shutil.copytree(made, persons)
            at += 1
            code = dfl_runs.run("faceset", "unpack", persons, root=tmp_path, at=at)
            if (persons / "faceset.pak").exists():
                assert dfl_runs.run("faceset", "unpack", persons, root=tmp_path) == 0
            assert {name: contents(persons / name) for name in before} == before, at
            assert not [path.name for path in persons.rglob(".*.partial")], at
    assert code == 0 and at > 12
