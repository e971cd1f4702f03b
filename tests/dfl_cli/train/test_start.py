"""What a person at the terminal sees from the start of a training to its end."""

import json
import re

import pexpect
import pyte
import pytest

from programs import ROOT

COLUMNS = 80


def spawn(trainer, *arguments, columns: int = COLUMNS):
    line = trainer.line("--silent-start", *arguments)
    return pexpect.spawn(line[0], line[1:], cwd=str(ROOT), encoding="utf-8", timeout=300, dimensions=(120, columns))


def seen(text: str, columns: int = COLUMNS) -> str:
    """What stays on a screen that gets `text`."""
    screen = pyte.Screen(columns, 120)
    pyte.Stream(screen).feed(text)
    return "\n".join(line.rstrip() for line in screen.display).rstrip()


def assert_in_order(text: str, *parts: str) -> None:
    places = [text.find(part) for part in parts]
    assert -1 not in places and places == sorted(places), (places, text)


def test_a_start_says_what_matters_last_and_a_backup_asked_for_just_before_ctrl_c_is_made(trainer):
    (trainer.src / "broken.jpg").write_text("not a picture")
    terminal = spawn(trainer)
    terminal.expect("#000002")
    said = terminal.before
    terminal.send("b\x03")
    terminal.expect(r"Stopped at iteration (\d+)\. Everything is saved\.\r\n")
    iteration = int(terminal.match[1])
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130
    (backup,) = trainer.model().backups()
    assert json.loads((backup / "state.json").read_text())["iteration"] == iteration
    assert_in_order(
        seen(said), "Skipped broken.jpg", "Model Summary", "Using device", "src has 2 faces", "Estimate: ", "Starting. Keys:",
        "#000001",
    )  # fmt: skip
    phases = ("Loading TensorFlow: 0s", "Building the network: 0s", "Compiling the training step: 0s")
    assert_in_order(said, *phases)
    assert re.search(r"Compiling the training step: [1-9]", said)
    assert not any(phase.removesuffix(": 0s") in seen(said) for phase in phases)


@pytest.mark.parametrize("key", ["q", "\r"])
def test_a_key_ends_a_training_with_the_same_goodbye_as_a_signal(trainer, key):
    terminal = spawn(trainer, columns=40)
    terminal.expect("#000001")
    terminal.send(key)
    terminal.expect(pexpect.EOF)
    terminal.close()
    said = seen(terminal.before, columns=40).replace("\n", "")
    iteration = trainer.model().newest()[0].state()["iteration"]
    assert said.endswith(f"Stopped at iteration {iteration}. Everything is saved.")
    assert terminal.exitstatus == 0


def test_a_log_has_a_line_for_each_phase_in_the_same_order(eagerly, trainer, capsys):
    trainer.run_here("--target-iter=2")
    first = capsys.readouterr().out
    assert_in_order(
        first, "Loading TensorFlow ...\n", "Model Summary", "src has 2 faces", "Estimate: ", "Building the network ...\n",
        "Starting. Target iteration: 2.\n", "Compiling the training step ...\n", "#000001", "Reached the target",
    )  # fmt: skip
    assert "Stopped" not in first

    trainer.run_here("--target-iter=3", "--lang=zh")
    assert_in_order(
        capsys.readouterr().out, "模型摘要", "估计：", "到第 3 次迭代需要", "正在构建网络……\n", "正在加载权重……\n", "开始训练。",
        "正在编译训练步骤……\n",
    )  # fmt: skip
