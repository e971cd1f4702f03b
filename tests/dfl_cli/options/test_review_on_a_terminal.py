"""Answers corrected while they are typed, looked over at the end and changed by number, on terminals of several sizes."""

import json
import os
import re
import signal
import sys
import time
from pathlib import Path

import pexpect
import pytest

from dfl_cli.classes.registry import CLASSES
from dfl_cli.options.review import Row, review_lines
from dfl_cli.terminal.width import display_width
from terminal import Terminal

ROOT = Path(__file__).resolve().parents[3]

ASK = """
import json, sys
from dfl_cli.classes.registry import CLASSES
from dfl_cli.options.wizard import ask_table
from dfl_cli.translate import set_language
name, language, stored = sys.argv[1:]
set_language(language)
table = CLASSES[name].table
stored = json.loads(stored) and {**ask_table(table, ask_now=False), **json.loads(stored)}
print("answers", json.dumps(ask_table(table, stored=stored or None, review=True)))
"""
AT_SIGNAL = """
from dfl_cli.options.confirm import ask_yes_no
from dfl_cli.terminal.interrupt import Terminated, raise_on_signals
try:
    with raise_on_signals():
        ask_yes_no("Go on?")
except Terminated as end:
    import sys, termios
    print("ended", end.exit_code, bool(termios.tcgetattr(0)[3] & termios.ECHO), bool(termios.tcgetattr(0)[3] & termios.ICANON))
"""
WAIT = """
import sys, termios, time
from dfl_cli.terminal.waiting import Waiting
with Waiting() as waiting:
    waiting.show("Loading")
    time.sleep(2)
print("-" * 40)
print("over echo", bool(termios.tcgetattr(0)[3] & termios.ECHO))
"""
KEYS = """
import time
from dfl_cli.terminal.keys import TerminalKeys
with TerminalKeys() as keys:
    print("ready")
    while keys.pressed() != "q":
        time.sleep(0.02)
print("over")
"""
QUESTION = r"\s*".join(map(re.escape, "help):")) + r"\s*$"  # a narrow terminal breaks it anywhere
REVIEW = r"(?:changed|已修改)\s*:\s*$"


def start(language="en", *, name="SAEHD", stored="null", dimensions=(24, 80), term="xterm-256color") -> Terminal:
    arguments = ["-c", ASK, name, language, stored]
    return Terminal(sys.executable, arguments, cwd=ROOT, dimensions=dimensions, term=term)


def accept_until(child: Terminal, *patterns: str) -> int:
    """Press Enter at every question before one of these."""
    while (found := child.expect([*patterns, QUESTION])) == len(patterns):
        child.send("\r")
    return found


def answers_of(child: Terminal) -> dict:
    child.expect(pexpect.EOF)
    return json.loads(re.search(r"answers (\{.*\})", child.before.replace("\n", ""))[1])  # wrapped by the terminal


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("dimensions", [(24, 80), (24, 40)])
def test_a_walk_through_all_questions_back_and_through_the_review(language, dimensions):
    child = start(language, dimensions=dimensions)
    accept_until(child, r"Face type|人脸类型")
    child.expect(QUESTION)
    child.send("wf\r")
    child.expect(QUESTION)
    child.send("<\r")
    child.expect(r"\[wf\] (Face type|人脸类型)")
    accept_until(child, REVIEW)
    assert all(len(line) < dimensions[1] for line in child.shown())
    listed = child.before.rpartition("\n\n")[2]
    number = re.search(r"(\d+)  gan_power +0\.0", listed)[1]
    assert re.search(r"\d+\* face_type +wf", listed)
    child.send(f"{number}\r")
    child.expect(QUESTION)
    child.send("0.1\r")
    child.expect(r"\[16\] (GAN patch size|GAN 补丁大小)")  # what follows from the change is asked
    child.expect(QUESTION)
    child.send("24\r")
    child.expect(QUESTION)
    child.send("\r")
    child.expect(REVIEW)  # and nothing else
    assert re.search(r"\d+\* gan_patch_size +24", child.before)
    child.send("\r")
    answers = answers_of(child)
    chosen = ("face_type", "gan_power", "gan_patch_size", "gan_dims")
    assert [answers[key] for key in chosen] == ["wf", 0.1, 24, 16]


def test_the_review_takes_numbers_and_the_way_back_and_nothing_else():
    child = start(stored='{"ae_dims": 64}')
    accept_until(child, REVIEW)
    assert "ae_dims" not in child.before.rpartition("\n\n")[2]  # fixed in a saved model
    child.send("99\r")
    child.expect_exact("There is no answer 99. Enter 1 to 20, or just press Enter.")
    child.send("<\r")
    child.expect_exact("[n] Enable pretraining mode")
    child.send("<\r")
    child.expect_exact("[n] Enable gradient clipping")
    child.expect(QUESTION)
    child.send("y\r")
    accept_until(child, REVIEW)
    child.send("3\r")
    child.expect_exact("[0] Target iteration")
    child.expect(QUESTION)
    child.send("<\r")  # nothing changes
    child.expect(REVIEW)
    assert re.search(r"3  target_iter +0", child.before)
    assert re.search(r"\d+\* clipgrad +y", child.before)
    child.send("\r")
    assert answers_of(child)["clipgrad"] is True


def test_a_proposal_that_was_accepted_follows_the_answer_it_depends_on_and_a_typed_one_stays():
    for typed, expected in (("", 42), ("20", 20)):
        child = start()
        accept_until(child, "Decoder mask dimensions")
        child.expect(QUESTION)
        child.send(f"{typed}\r")
        accept_until(child, REVIEW)
        child.send(re.search(r"(\d+)  d_dims", child.before)[1] + "\r")
        child.expect(QUESTION)
        child.send("128\r")
        child.expect(REVIEW)
        child.send("\r")
        assert answers_of(child)["d_mask_dims"] == expected


def test_answers_are_edited_completed_and_recalled():
    child = start()
    child.expect(QUESTION)
    child.send("12\x1b[D\x1b[D\x1b[C\x7f\r")  # 12, to the left twice, to the right, what is left of the cursor deleted
    child.expect_exact("[n] Write preview history")
    child.send("\x1b[A")  # the answer before
    child.expect_exact(") : 2")
    child.send("\x15\x1b[5~\x1bOP\r")  # the line cleared; keys without a meaning print nothing
    accept_until(child, "AE architecture")
    child.expect(QUESTION)
    child.send("df-udtc\x01\x0b")  # all cut
    child.send("liae-udt\t")
    child.send("\r")
    accept_until(child, "Color transfer")
    child.expect(QUESTION)
    child.send("s\t")
    child.expect_exact("sot")
    child.send("\r")
    accept_until(child, REVIEW)
    child.send("\r")
    child.expect(pexpect.EOF)
    assert "^[" not in child.transcript()
    answers = json.loads(re.search(r"answers (\{.*\})", child.before.replace("\n", ""))[1])
    chosen = ("autobackup_hour", "write_preview_history", "archi", "ct_mode")
    assert [answers[key] for key in chosen] == [2, False, "liae-udt", "sot"]


def test_plain_lines_give_the_same_transcript():
    transcripts = []
    for term in ("xterm-256color", "dumb"):
        child = start(dimensions=(60, 120), term=term)
        for typed in ("x", "?", "2", "y", "<", ""):
            child.expect(QUESTION)
            child.send(f"{typed}\r")
        accept_until(child, REVIEW)
        child.send("\r")
        child.expect(pexpect.EOF)
        transcripts.append(child.transcript())
    assert transcripts[0] == transcripts[1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_a_question_leaves_the_terminal_as_it_was(number):
    child = Terminal(sys.executable, ["-c", AT_SIGNAL], cwd=ROOT)
    child.expect_exact("[n] Go on? ( y/n ) : ")
    child.kill(number)
    child.expect_exact(f"ended {128 + number} True True")


def test_arrow_keys_while_nobody_asks_print_nothing():
    code = "from dfl_cli.options.wizard import ask_override; print('override', ask_override())"
    child = Terminal(sys.executable, ["-c", code], cwd=ROOT)
    child.expect_exact("Press enter in 2 seconds")
    child.send("\x1b[A\x1b[B")
    child.expect_exact("override False")
    assert "[A" not in child.transcript()


def test_arrow_keys_while_something_takes_time_print_nothing():
    child = Terminal(sys.executable, ["-c", WAIT], cwd=ROOT)
    child.expect_exact("Loading: 0s")
    child.send("\x1b[A\x1b[B")
    child.expect_exact("over echo True")
    assert "[A" not in child.transcript()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_texts_are_broken_between_words_where_the_terminal_is_narrow(language):
    child = start(language, dimensions=(24, 40))
    child.expect(QUESTION)
    child.send("?\r")
    child.expect(QUESTION)
    rows = child.transcript().split("\n")
    assert all(display_width(row) < 40 and not row.startswith(tuple("，。、；：）")) for row in rows)
    assert " ".join(rows).count("( 0..24 ?:help ) :") == 2
    if language == "en":
        assert "autobackup_hour: Copies all model files and the preview" in " ".join(rows)


def test_the_review_shows_every_label_or_its_beginning():
    child = start(dimensions=(60, 80))
    accept_until(child, REVIEW)
    listed = child.before.rpartition("\n\n")[2]
    assert re.search(r"uniform_yaw +n +Uniform yaw", listed)


def test_a_row_that_is_too_long_for_the_terminal_takes_several_lines():
    option = next(one for one in CLASSES["SAEHD"].table if one.key == "ae_dims")
    row = Row(number=3, option=option, value=256, changed=False, source="ae_dims in run.toml, line 12")
    lines = "\n".join(review_lines([row], 30, 24)).split("\n")
    assert lines == ["", " 3  ae_dims  256 (ae_dims", "    in run.toml, line 12)"]


def test_keys_work_again_after_a_stop_and_fg(tmp_path):
    program = tmp_path / "keys.py"
    program.write_text(KEYS)
    shell = Terminal("/bin/bash", ["--norc", "-i"], env={**os.environ, "PYTHONPATH": str(ROOT), "PS1": "$ "}, cwd=ROOT)
    shell.send(f"{sys.executable} {program}\r")
    shell.expect_exact("ready")
    shell.send("\x1a")
    shell.expect_exact("Stopped")
    shell.expect_exact("$ ")
    shell.send("fg\r")
    shell.expect(r"keys\.py\s*$")
    time.sleep(0.5)
    shell.send("q")  # without Enter
    shell.expect_exact("over")
    assert "q" not in shell.before.split("keys.py")[-1]
