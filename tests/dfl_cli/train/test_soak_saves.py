"""Saves against kill -9, full disks, failing system calls and damaged files: few in the suite, hundreds by `make soak`."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from dfl_cli.store.loss_history import LossHistory
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import open_model

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).resolve().parent
# Of `make soak`; the suite makes one to four of each.
LIGHT_KILLS, REAL_KILLS, FILLS, FAULTY_RUNS, DAMAGE_ROUNDS = 200, 12, 10, 20, 10
PATIENCE = 120  # seconds; the machine may be busy


class Run:
    """A training process, its output, and the iteration that it says is saved."""

    def __init__(self, root: Path, *arguments, **environment):
        self.model, self.reached_file, self.log = ModelDir(root / "ab"), root.parent / "reached", root.parent / "log"
        self.reached_file.unlink(missing_ok=True)
        line = [sys.executable, HERE / "light_trainer.py", self.model.folder, self.reached_file, *map(str, arguments)]
        self.process = start(line, self.log, **environment)

    @property
    def reached(self) -> int:
        return int(self.reached_file.read_text()) if self.reached_file.is_file() else 0

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def await_text(self, text: str, count: int = 1) -> None:
        self.await_that(lambda: self.said().count(text) >= count)

    def await_that(self, condition) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()[-2000:]
            time.sleep(0.01)

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def start(line, log: Path, **environment) -> subprocess.Popen:
    with log.open("wb") as output:
        return subprocess.Popen(
            line,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )


@contextmanager
def running(*arguments, **environment):
    run = Run(*arguments, **environment)
    try:
        yield run
    finally:
        run.process.kill()
        run.process.wait()


def assert_whole(model: ModelDir, at_least: int) -> None:
    """The newest save opens, none is damaged, and no save that was said to be done is lost."""
    generation, damaged = model.newest()
    assert damaged == []
    assert generation.state()["iteration"] >= at_least


def kill_often(root: Path, times: int, rng: random.Random) -> int:
    """SIGKILL at random moments, each process going on from the model the one before left. Returns the iteration reached."""
    with running(root) as first:
        first.await_that(lambda: first.reached >= 1)
    for _ in range(times):
        with running(root) as run:
            run.await_text("training")  # the light trainer checks that the save it goes on from is of one piece
            time.sleep(rng.uniform(0, 0.5))
            reached = run.reached
            run.end(signal.SIGKILL)
        assert_whole(run.model, max(reached, run.reached))
    return run.model.newest()[0].state()["iteration"]


@contextmanager
def small_disk(folder: Path, megabytes: int):
    """A tmpfs of that size."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(folder: Path) -> Path:
    """Take all the space there is, to the last byte."""
    filler = folder / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return filler


def fill_often(folder: Path, times: int) -> None:
    """A disk that is full for a while, again and again; at the end it stays full."""
    with small_disk(folder, 16) as disk, running(disk, 0.05, 0.5) as run:
        for number in range(times):
            before = run.reached
            run.await_that(lambda before=before: run.reached > before)
            filler = fill(disk)
            run.await_text("the disk is full", run.said().count("the disk is full") + 2)
            assert_whole(run.model, before)
            filler.unlink()
            run.await_text("Saving works again", number + 1)
        kept = run.reached
        fill(disk)
        run.await_text("the disk is full", run.said().count("the disk is full") + 2)
        assert run.end(signal.SIGTERM) == 1
        assert "The last save failed. Latest save: iteration" in run.said()
        assert "Traceback" not in run.said()
        assert_whole(run.model, kept)


@pytest.fixture
def failing_disk(tmp_path) -> dict:
    """The environment of a process whose system calls fail now and then, while the file `switch` is there."""
    library = tmp_path / "failing_disk.so"
    if sys.platform != "linux" or not shutil.which("gcc"):
        pytest.skip("needs Linux and gcc")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, HERE / "failing_disk.c", "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "FAULT_SWITCH": str(tmp_path / "switch")}


def fail_often(root: Path, times: int, environment: dict, rng: random.Random) -> int:
    """fsync, rename and write fail for some seconds, then training is killed or goes on without trouble. Returns the failed saves."""
    switch, failed = Path(environment["FAULT_SWITCH"]), 0
    for number in range(times):
        with running(root, **environment) as run:
            run.await_that(lambda run=run: run.reached >= 1)
            switch.touch()
            run.await_text("failed:", 3)
            time.sleep(rng.uniform(0, 0.5))
            if number % 2:
                run.end(signal.SIGKILL)
            switch.unlink()
            if not number % 2:
                run.await_text("Saving works again")
                assert run.end(signal.SIGTERM) == 143
            failed += run.said().count("failed:")
        assert_whole(run.model, run.reached)
    return failed


def damages(size: int, rng: random.Random):
    """What may happen to a file: function of its bytes -> the bytes after, None for a lost file."""
    place = rng.randrange(max(size, 1))
    flip = 1 << rng.randrange(8)
    yield lambda content: content[:place]
    yield lambda content: content[:place] + bytes([content[place] ^ flip]) + content[place + 1 :] if content else b"x"
    yield lambda content: b""
    yield lambda content: None


def damage_each_file(root: Path, rounds: int, rng: random.Random) -> int:
    """Truncate, flip, empty and delete each file of a model, one at a time; it opens at its last or last but one save."""
    with running(root, 0.05, 0.01) as run:
        run.await_that(lambda: len(run.model.backups()) >= 2)
        assert run.end(signal.SIGTERM) == 143
    saves = [one.state()["iteration"] for one in run.model.generations()]
    files, count = sorted(path for path in run.model.folder.rglob("*") if path.is_file()), 0
    for path in files * rounds:
        content = path.read_bytes()
        for damage in damages(len(content), rng):
            damaged = damage(content)
            path.unlink()  # a backup shares its files with the save it was made of
            if damaged is not None:
                path.write_bytes(damaged)
            assert run.model.exists
            opened = open_model(run.model)
            assert (opened.iteration, opened.model_class) in [(saved, "SAEHD") for saved in saves], path
            LossHistory(run.model.folder / "loss.csv", opened.iteration, ("src", "dst"))
            path.write_bytes(content)
            count += 1
    return count


def test_a_killed_training_goes_on_from_its_last_save(tmp_path):
    kill_often(tmp_path / "models", 4, random.Random(1))


def test_a_full_disk_stops_no_training_and_costs_what_came_since_the_last_save(tmp_path):
    fill_often(tmp_path / "disk", 1)


def test_system_calls_that_fail_stop_no_training(tmp_path, failing_disk):
    fail_often(tmp_path / "models", 1, failing_disk, random.Random(2))


def test_a_model_opens_whatever_file_of_it_is_damaged(tmp_path):
    damage_each_file(tmp_path / "models", 1, random.Random(3))


def kill_dfl_train_often(trainer, times: int, rng: random.Random) -> None:
    """The real program: `dfl train` killed anywhere between its start and some seconds of training."""
    model, saved = trainer.model(), 0
    for _ in range(times):
        process = start(trainer.line("--autosave-minutes=0.005"), trainer.root / "log")
        time.sleep(rng.uniform(1, 20))
        process.kill()
        process.wait()
        if model.exists:
            assert_whole(model, saved)
            saved = model.newest()[0].state()["iteration"]
    assert saved


@pytest.mark.soak
def test_soak_saves(tmp_path, trainer, failing_disk, capsys):
    rng, began = random.Random(), time.monotonic()
    counts = {"models lost": 0}
    reached = kill_often(tmp_path / "models", LIGHT_KILLS, rng)
    counts[f"kills of the light trainer (up to iteration {reached})"] = LIGHT_KILLS
    kill_dfl_train_often(trainer, REAL_KILLS, rng)
    counts["kills of dfl train"] = REAL_KILLS
    fill_often(tmp_path / "disk", FILLS)
    counts["fills of the disk"] = FILLS + 1
    counts["saves failed by faults"] = fail_often(tmp_path / "faulty", FAULTY_RUNS, failing_disk, rng)
    counts["damaged files"] = damage_each_file(tmp_path / "damaged", DAMAGE_ROUNDS, rng)
    with capsys.disabled():
        print("\n" + "\n".join(f"{count:7} {what}" for what, count in counts.items()))
        print(f"{time.monotonic() - began:7.0f} seconds")
