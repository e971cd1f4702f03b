"""`dfl train` as a user runs it: to the target, on from there, interrupted, killed, with keys."""

import csv
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pexpect
import pytest
from safetensors.numpy import load_file

from dfl_cli.main import main
from dfl_cli.store.model_dir import ModelDir
from programs import ROOT

LOSS_LINE = r"\[\d\d:\d\d:\d\d\]\[#(\d{6})\]\[\d{4}ms|\d\.\d+s\]\[\d\.\d{4}\]\[\d\.\d{4}\]"


def iteration_of(model_dir) -> int:
    return model_dir.newest()[0].state()["iteration"]


def arrays_of(model_dir) -> dict[str, np.ndarray]:
    generation, _ = model_dir.newest()
    return load_file(generation.weights_file) | load_file(generation.optimizer_file)


def is_first_step(slots: dict[str, np.ndarray], name: str) -> bool:
    """Whether AdaBelief has moved a weight just once: then m = 0.1 g and v = 0.001 (g - m)^2 = 0.081 m^2."""
    m, v = (slots[f"src_dst_opt/{slot}_{name}_0"] for slot in ("ms", "vs"))
    return np.allclose(v, 0.081 * m**2, rtol=1e-3, atol=0)


LEARNING = ("--seed=5", "--lr-dropout=y", "--write-preview-history=y")


@dataclass
class Ran:
    """A run to the end. Its folder is for several tests, to read only: each run compiles for ten seconds."""

    trainer: object
    done: subprocess.CompletedProcess
    model: ModelDir


@pytest.fixture(scope="module")
def first(tmp_path_factory, make_trainer) -> Ran:
    """Three iterations with a broken picture among the faces of either side."""
    trainer = make_trainer(tmp_path_factory.mktemp("first"))
    (trainer.src / "text.jpg").write_text("not a picture")
    (trainer.dst / "plain.jpg").write_bytes(cv2.imencode(".jpg", np.zeros((64, 64, 3), np.uint8))[1].tobytes())
    return Ran(trainer, trainer.run("--target-iter=3", *LEARNING), trainer.model())


@pytest.fixture(scope="module")
def second(tmp_path_factory, first) -> Ran:
    """Seven more, without the broken pictures."""
    root = tmp_path_factory.mktemp("second")
    shutil.copytree(first.trainer.root, root, dirs_exist_ok=True)
    trainer = replace(first.trainer, root=root)
    for broken in (trainer.src / "text.jpg", trainer.dst / "plain.jpg"):
        broken.unlink()
    return Ran(trainer, trainer.run("--target-iter=10", *LEARNING), trainer.model())


@pytest.fixture(scope="module")
def in_one_go(tmp_path_factory, make_trainer) -> Ran:
    """Ten iterations without a preview."""
    trainer = make_trainer(tmp_path_factory.mktemp("in_one_go"))
    return Ran(trainer, trainer.run("--target-iter=10", *LEARNING, "--no-preview"), trainer.model())


def test_a_run_reaches_its_target(first):
    assert first.done.returncode == 0, first.done.stderr
    assert iteration_of(first.model) == 3
    assert cv2.imread(str(first.model.folder / "preview.png")).shape == (100 + 2 * 64, 5 * 64, 3)
    assert (first.model.folder / "preview_masked.png").is_file()
    assert "Current iteration: 3" in (first.model.folder / "summary.txt").read_text()


def test_broken_pictures_are_named_and_the_rest_is_trained_on(first):
    assert first.done.returncode == 0, first.done.stderr
    assert "text.jpg" in first.done.stderr and "plain.jpg" in first.done.stderr


def test_the_next_run_goes_on_from_there(second):
    assert second.done.returncode == 0, second.done.stderr
    assert iteration_of(second.model) == 10
    rows = list(csv.DictReader((second.model.folder / "loss.csv").read_text().splitlines()))
    assert [int(row["iteration"]) for row in rows] == list(range(1, 11))
    assert [path.name for path in (second.model.folder / "history" / "SAEHD").iterdir()] == ["0000010.jpg"]
    assert re.findall(LOSS_LINE, second.done.stdout)
    assert second.done.stderr == ""  # TensorFlow's banners are not for users


def test_a_target_that_is_reached_already_changes_nothing(second, capsys):
    second.trainer.run_here("--target-iter=10")
    said = capsys.readouterr().out
    assert said.endswith("has already reached its target: iteration 10 of 10. Nothing was changed.\n")


def test_stopping_and_going_on_gives_the_weights_of_one_go(second, in_one_go):
    whole, parts = arrays_of(in_one_go.model), arrays_of(second.model)
    assert whole.keys() == parts.keys()
    for name, array in whole.items():
        np.testing.assert_array_equal(array, parts[name], err_msg=name)


def test_without_previews_there_is_no_picture(in_one_go):
    assert in_one_go.done.returncode == 0, in_one_go.done.stderr
    assert not (in_one_go.model.folder / "preview.png").exists()


def test_keys_save_back_up_show_and_end_a_run_in_a_terminal(trainer):
    terminal = pexpect.spawn(
        trainer.line()[0], trainer.line("--silent-start")[1:], cwd=str(ROOT), encoding="utf-8", timeout=300
    )
    terminal.expect("#000003")
    preview = trainer.model().folder / "preview.png"
    read_until(terminal, preview.is_file)  # with the first save, in its own time
    preview.unlink()
    terminal.send("p")
    read_until(terminal, preview.is_file)
    terminal.send(" ")
    terminal.expect_exact("preview.png shows SAEHD masked [2/2], losses of all iterations.")
    terminal.send("l")
    terminal.expect_exact("losses of the last 5000 iterations.")
    terminal.send("\x1b[A?")
    terminal.expect_exact("save and copy the save to backups/01")
    terminal.send("b")
    terminal.expect("Backup written")
    assert len(trainer.model().backups()) == 1
    terminal.send("s")
    terminal.expect(r"\]\r\n")  # a save leaves its line on the screen
    terminal.send("\r")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    assert iteration_of(trainer.model()) > 3


def read_until(terminal, happened) -> None:
    """Read what the program says, which would stop it if nobody did, until something has happened."""
    end = time.monotonic() + terminal.timeout
    while not happened():
        assert time.monotonic() < end, "waited in vain"
        terminal.expect(pexpect.TIMEOUT, timeout=0.1)


def test_a_first_run_in_chinese_goes_on_after_kill_9_with_another_answer_and_is_saved_at_ctrl_c(trainer):
    def spawn(*arguments):
        line = trainer.line("--lang=zh", *arguments)
        return pexpect.spawn(line[0], line[1:], cwd=str(ROOT), encoding="utf-8", timeout=300)

    model = trainer.model()
    first = spawn("--autosave-minutes=0.01", "--no-probe")
    first.expect_exact("[0] 每 N 小时自动备份 ( 0..24 ?:help ) : ")
    first.sendline("99")
    first.expect_exact("24")
    first.send("\n" * 40)  # the defaults for the rest; lines that no question needed do not stop the training
    first.expect("有 [0-9]+ 行粘贴的内容没有用到。")
    read_until(first, lambda: len(model.generations()) == 2)
    first.kill(signal.SIGKILL)
    first.expect(pexpect.EOF)
    first.close()
    assert first.signalstatus == signal.SIGKILL
    killed_at = iteration_of(model)
    assert model.newest()[0].state()["options"]["autobackup_hour"] == 24

    second = spawn("--target-iter=0")
    second.expect("2 秒")
    second.sendline("")
    second.expect_exact("[24] 每 N 小时自动备份")
    second.send("3\n" + "\n" * 40)
    second.expect(LOSS_LINE)
    second.sendcontrol("c")
    second.expect("已在第 ([0-9]+) 次迭代停止，全部已保存。")
    reached = int(second.match[1])
    second.expect(pexpect.EOF)
    second.close()
    assert second.exitstatus == 130
    assert iteration_of(model) == reached > killed_at
    assert model.newest()[0].state()["options"]["autobackup_hour"] == 3


@pytest.mark.parametrize(
    ("language", "left"),
    [("en", "Left without an answer. Nothing more was done."), ("zh", "没有回答就退出了，未再执行任何操作。")],
)
def test_ending_the_input_twice_at_a_question_starts_nothing(trainer, language, left):
    line = trainer.line(f"--lang={language}")
    terminal = pexpect.spawn(line[0], line[1:], cwd=str(ROOT), encoding="utf-8", timeout=300)
    for _ in range(2):
        terminal.expect_exact("( 0..24 ?:help ) : ")
        terminal.sendeof()
    terminal.expect_exact(left)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130
    assert not (trainer.root / "models" / "ab").exists()


def test_a_target_behind_the_model_is_not_reported_as_reached(tmp_path, first, capsys):
    shutil.copytree(first.trainer.root, tmp_path, dirs_exist_ok=True)
    trainer = replace(first.trainer, root=tmp_path)
    trainer.run_here("--target-iter=2")
    said = capsys.readouterr().out
    assert said.endswith("\nThe model is at iteration 3, past the target of 2. Nothing was trained.\n")
    assert "Starting" not in said
    trainer.run_here("--target-iter=2", "--lang=zh")
    assert capsys.readouterr().out.endswith("模型 ab 已在第 3 次迭代，超过了目标 2。没有做任何更改。\n")
    assert iteration_of(trainer.model()) == 3


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--archi=dg"], "dg"),
        (["--src=/no/such/folder"], "/no/such/folder"),
        (["--ae-dims=many"], "many"),
    ],
)
def test_wrong_input_gives_one_message_and_leaves_nothing(trainer, capsys, language, arguments, said):
    assert main(trainer.words(f"--lang={language}", *arguments)) == 1
    errors = capsys.readouterr().err
    assert said in errors
    assert "Traceback" not in errors
    assert not (trainer.root / "models" / "ab").exists()


def test_a_folder_without_faces_is_named(trainer, capsys):
    for path in trainer.src.iterdir():
        path.unlink()
    (trainer.src / "notes.jpg").write_text("not a picture")
    assert main(trainer.words()) == 1
    errors = capsys.readouterr().err
    assert "notes.jpg" in errors
    assert "No faces in" in errors
    assert "fix:" in errors


def test_the_folder_of_the_frames_leads_to_its_aligned(trainer, capsys):
    (trainer.src / "aligned").mkdir()
    for path in list(trainer.src.glob("*.jpg")):
        path.rename(trainer.src / "aligned" / path.name)
    assert main(trainer.words("--prefer=files")) == 1
    assert str(trainer.src / "aligned") in capsys.readouterr().err


def test_leaving_pretraining_counts_from_0_with_what_was_learned_and_new_inters(eagerly, trainer, capsys):
    trainer.run_here("--pretrain=y", f"--pretraining={trainer.src}", "--target-iter=2", "--gan-power=0.1")
    (trainer.model().folder / "history" / "SAEHD").mkdir(parents=True)
    assert "gan_power: 0.0" in capsys.readouterr().out  # the summary shows what is in force
    before = load_file(trainer.model().newest()[0].weights_file)
    assert not any(name.startswith("GAN/") for name in before)

    trainer.run_here("--pretrain=n", "--target-iter=1")
    assert iteration_of(trainer.model()) == 1
    assert (trainer.model().folder / "loss.csv").read_text().count("\n") == 2  # the header and one iteration
    assert (trainer.model().folder / "history_pretraining1" / "SAEHD").is_dir()
    after = load_file(trainer.model().newest()[0].weights_file)
    first_layer = "encoder/down1/downs_0/conv1/weight"
    assert 0 < np.abs(after[first_layer] - before[first_layer]).max() < 1e-3  # it goes on from what it was
    slots = load_file(trainer.model().newest()[0].optimizer_file)
    assert is_first_step(slots, "inter/dense1/weight")
    assert not is_first_step(slots, first_layer)
    assert any(name.startswith("GAN/") for name in after)  # the stored gan_power is in force now


def test_pretraining_without_a_folder_says_what_to_give(trainer, capsys):
    assert main(trainer.words("--pretrain=y")) == 1
    assert "--pretraining" in capsys.readouterr().err
