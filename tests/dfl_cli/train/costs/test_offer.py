"""The probe before a training, on a real terminal."""

import os
import resource
from pathlib import Path

import pexpect
import pytest

from dfl_cli.child_process import TrialOutcome
from dfl_cli.classes.saehd import SAEHD
from dfl_cli.options.answers_file import read_answers
from dfl_cli.train.costs.probe import probe_line, probe_of
from dfl_cli.translate import set_language

ADDRESSES = 5_000_000_000  # bytes for a whole process; TensorFlow takes 2 of them before it begins
TOO_MANY = 10**9  # faces; no address space holds so many
NO_FACES = "No faces in"  # what is reported where faces are loaded, after the offer and before TensorFlow is
QUESTION = "Run 3 iterations first to measure time and memory (Ctrl-C skips it)? ( y/n ) : "


def started(trainer, *arguments, **settings) -> pexpect.spawn:
    line = trainer.line("--preview=off", *arguments)
    wide = (24, 200)  # no question is broken
    return pexpect.spawn(
        line[0], line[1:], cwd=str(trainer.root), encoding="utf-8", timeout=300, dimensions=wide, **settings
    )


def answer_until(child: pexpect.spawn, *wanted: str) -> str:
    """Press Enter at every question of the wizard before one of these texts comes; returns which."""
    while (found := child.expect_exact([*wanted, "help ) : ", "changed\r\n : ", "已修改\r\n : "])) >= len(wanted):
        child.sendline("")
    return wanted[found]


def remove_faces(trainer) -> dict[Path, bytes]:
    """Let a run end where the training would begin. Returns what `put_back` needs."""
    faces = {face: face.read_bytes() for face in trainer.src.iterdir()}
    for face in faces:
        face.unlink()
    return faces


def put_back(faces: dict[Path, bytes]) -> None:
    for face, content in faces.items():
        face.write_bytes(content)


def ended(child: pexpect.spawn) -> int:
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def test_a_new_model_is_probed_and_a_known_one_only_when_its_costs_change(trainer):
    faces = remove_faces(trainer)
    first = started(trainer, "--target-iter=1")
    assert answer_until(first, QUESTION, NO_FACES) == QUESTION
    first.sendline("")
    first.expect(r"\d+ ms per iteration in \w+: 100,000 iterations take [\d.]+ hours. Memory taken: [\d.]+ [MG]B")
    first.expect_exact(NO_FACES)
    assert ended(first) == 1

    put_back(faces)
    assert_ctrl_c_ends_the_probe_and_nothing_else(trainer)

    remove_faces(trainer)
    same = started(trainer, "--target-iter=2", "--random-src-flip=y")
    assert answer_until(same, QUESTION, NO_FACES) == NO_FACES
    assert ended(same) == 1

    other = started(trainer, "--target-iter=3", "--batch-size=3")
    assert answer_until(other, QUESTION, NO_FACES) == QUESTION
    other.sendline("n")
    assert other.expect_exact(["ms per iteration in ", NO_FACES]) == 1
    assert ended(other) == 1


def assert_ctrl_c_ends_the_probe_and_nothing_else(trainer) -> None:
    child = started(trainer, "--target-iter=1", "--lang=zh")
    answer_until(child, "先运行 3 次迭代，测量用时和内存（按 Ctrl-C 跳过）？ ( y/n ) : ")
    child.sendline("是")
    child.expect_exact("正在单独的进程中测量")
    child.sendcontrol("c")
    child.expect_exact("已跳过，直接开始训练。")
    child.expect_exact("已达到目标")
    assert ended(child) == 0
    assert trainer.model().newest()[0].state()["iteration"] == 1


def live_in_little_memory() -> None:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))


def test_settings_that_do_not_fit_are_told_and_a_smaller_batch_is_offered(trainer):
    child = started(trainer, "--target-iter=1", f"--batch-size={TOO_MANY}", preexec_fn=live_in_little_memory)
    answer_until(child, QUESTION)
    child.sendline("y")
    child.expect_exact("These settings do not fit: memory ran out.")
    child.expect(r"Largest savings \(estimate\): ")
    child.expect(r"Continue with batch size (\d+)\?")
    size = int(child.match[1])
    child.sendline("n")
    child.expect_exact("[n] Train with these settings anyway?")
    child.sendline("")
    child.expect_exact("/!\\ These settings do not fit")
    assert ended(child) == 1
    assert not trainer.model().exists and 0 < size < TOO_MANY / 2

    remove_faces(trainer)
    written = trainer.root / "run.toml"
    words = ["--target-iter=1", f"--batch-size={TOO_MANY}", f"--save-answers={written}"]
    again = started(trainer, *words, preexec_fn=live_in_little_memory)
    answer_until(again, QUESTION)
    again.sendline("y")
    again.expect(r"Continue with batch size (\d+)\?")
    size = int(again.match[1])
    again.sendline("y")
    again.expect_exact(NO_FACES)
    assert ended(again) == 1
    assert read_answers(written, SAEHD.table)["batch_size"].raw == size


@pytest.mark.parametrize("arguments", [["--silent-start"], ["--answers=run.toml"], ["--no-probe"]])
def test_nobody_is_asked_who_did_not_come_to_answer(trainer, arguments):
    (trainer.root / "run.toml").write_text("target_iter = 1\n")
    remove_faces(trainer)
    child = started(trainer, "--target-iter=1", *arguments)
    assert answer_until(child, QUESTION, NO_FACES) == NO_FACES
    assert ended(child) == 1


def test_a_process_that_was_killed_had_no_memory_and_one_that_crashed_had_another_trouble():
    assert "SIGKILL" in probe_of(TrialOutcome(signal="SIGKILL")).out_of_memory
    assert probe_of(TrialOutcome(error="std::bad_alloc")).out_of_memory == "std::bad_alloc"
    crashed = probe_of(TrialOutcome(signal="SIGILL"))
    assert (crashed.error, crashed.out_of_memory, crashed.days) == ("SIGILL", "", None)
    assert "1800 s" in probe_of(TrialOutcome(timed_out=True, seconds=1800)).error


def test_time_is_told_in_hours_and_from_two_days_on_in_days():
    hours = probe_of(TrialOutcome({"ms_per_iteration": 864.0, "precision": "bfloat16", "peak_memory_mb": 2000}))
    assert (
        probe_line(hours)
        == "864 ms per iteration in bfloat16: 100,000 iterations take 24.0 hours. Memory taken: 1.9 GB."
    )
    days = probe_of(TrialOutcome({"ms_per_iteration": 2160.0, "precision": "float32", "peak_memory_mb": None}))
    assert days.days == 2.5
    assert probe_line(days) == "2160 ms per iteration in float32: 100,000 iterations take 2.5 days (60 hours)."
    set_language("zh")
    assert probe_line(days) == "每次迭代 2160 毫秒（float32）：100,000 次迭代需要 2.5 天（60 小时）。"
