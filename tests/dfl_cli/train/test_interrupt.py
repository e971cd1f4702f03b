"""Signals: in a question, while the step is compiled, and under nohup."""

import os
import signal
import threading

import pexpect
import pytest

from dfl_cli.main import main
from dfl_cli.terminal.interrupt import Interrupt, Terminated, raise_on_signals
from programs import ROOT, running


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_at_a_question_leaves_nothing_behind(trainer, number, code):
    line = trainer.line()
    terminal = pexpect.spawn(line[0], line[1:], cwd=str(ROOT), encoding="utf-8", timeout=120)
    terminal.expect("Autobackup every")
    for _ in range(10):  # a signal just before the program begins to read is heard with the next one only
        terminal.kill(number)
        if terminal.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=10) == 0:
            break
    terminal.close()
    assert terminal.exitstatus == code
    assert "Interrupted." in terminal.before and "Traceback" not in terminal.before
    assert not trainer.model().folder.exists()


def test_a_lost_connection_while_the_first_step_is_compiled_saves_that_step(trainer):
    with running(trainer.line()) as run:
        assert any("Compiling" in said for said in run.stdout)
        run.send_signal(signal.SIGHUP)
        said = run.stdout.read()
    assert run.returncode == 129
    assert "Everything is saved" in said
    assert trainer.model().newest()[0].state()["iteration"] <= 1
    assert not trainer.model().clean()


def test_a_training_that_is_ended_is_saved(eagerly, trainer, capsys):
    """In this process, which sends the signal to itself once the first iteration is saved."""
    model, over = trainer.model(), threading.Event()

    def end_after_the_first_save() -> None:
        while not model.generations() and not over.wait(0.05):
            pass
        if not over.is_set():
            os.kill(os.getpid(), signal.SIGTERM)

    watching = threading.Thread(target=end_after_the_first_save)
    watching.start()
    try:
        assert main(trainer.words("--no-preview")) == 143
    finally:
        over.set()
        watching.join()
    iteration = model.newest()[0].state()["iteration"]
    assert f"Stopped at iteration {iteration}. Everything is saved." in capsys.readouterr().out


def test_outside_of_training_a_signal_ends_like_ctrl_c():
    with pytest.raises(Terminated) as ended, raise_on_signals():
        os.kill(os.getpid(), signal.SIGTERM)
    assert ended.value.exit_code == 143


def test_while_training_a_signal_is_noted_even_where_it_would_end_the_program():
    with raise_on_signals(), Interrupt() as interrupt:
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGTERM)
    assert interrupt.exit_code == 129


def test_under_nohup_a_lost_connection_changes_nothing():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with raise_on_signals(), Interrupt() as interrupt:
            os.kill(os.getpid(), signal.SIGHUP)
        assert interrupt.exit_code == 0
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
