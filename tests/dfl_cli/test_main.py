"""The command `dfl`: help, languages, exit codes, errors without tracebacks."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pexpect
import pytest

from dfl_cli.errors import UserError
from dfl_cli.main import COMMANDS, main, report, summaries
from dfl_cli.translate import set_language

ROOT = Path(__file__).resolve().parents[2]


def dfl(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    inherited = {
        name: value for name, value in os.environ.items() if name not in ("LC_ALL", "LC_MESSAGES", "LANG", "DFL_DEBUG")
    }
    return subprocess.run(
        [sys.executable, "-m", "dfl_cli.main", *arguments],
        cwd=ROOT, env={**inherited, "PYTHONUTF8": "1", **environment}, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip


def test_every_command_has_a_line_of_help_and_a_module():
    assert set(summaries()) == set(COMMANDS)
    assert [name for name in COMMANDS.values() if find_spec(name) is None] == []


def test_help_lists_the_commands_quickly():
    before = os.times()
    done = dfl("--help")
    after = os.times()
    assert done.returncode == 0
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)
    # Seconds of the processor, which other programs on a busy machine do not add to.
    assert after.children_user + after.children_system - before.children_user - before.children_system < 0.3


def test_without_a_command_the_help_is_shown():
    assert dfl().stdout == dfl("--help").stdout


@pytest.mark.parametrize(
    "arguments", [["--lang", "zh", "train", "--help"], ["train", "--help", "--lang=zh"], ["--help", "--lang", "zh"]]
)
def test_the_language_can_stand_before_and_after_the_command(arguments):
    assert "显示帮助" in dfl(*arguments).stdout


def test_the_language_of_the_system_is_spoken_unless_told_otherwise():
    assert "终端里的换脸训练器" in dfl(LANG="zh_CN.UTF-8").stdout
    assert "A face-swap trainer" in dfl("--lang", "en", LANG="zh_CN.UTF-8").stdout
    assert "A face-swap trainer" in dfl(DFL_LANG="en", LANG="zh_CN.UTF-8").stdout
    wrong = dfl(DFL_LANG="de")
    assert wrong.returncode == 2 and "DFL_LANG takes en, zh" in wrong.stderr


def test_the_version():
    assert re.fullmatch(r"dfl \d+\.\d+\.\d+\n", dfl("--version").stdout)


@pytest.mark.parametrize(
    "arguments", [["trian"], ["train", "--no-such-flag"], ["--lang", "de"], ["--lang"], ["train", "--ae-dims"]]
)
def test_wrong_usage_ends_with_2_and_names_the_help(arguments, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert "--help" in said.err or "--lang" in said.err
    assert said.out == ""


def test_an_error_the_program_explains_ends_with_1_and_one_message():
    done = dfl("train", "--src", "no/such/folder", "--dst", ".", "--models", ".")
    assert done.returncode == 1
    assert done.stderr.startswith("/!\\ ")
    assert "no/such/folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_at_a_question_ends_with_130(tmp_path):
    arguments = ["-m", "dfl_cli.main", "train", "--src", ".", "--dst", ".", "--models", str(tmp_path)]
    child = pexpect.spawn(sys.executable, arguments, cwd=ROOT, encoding="utf-8", timeout=90)
    child.expect_exact("No saved models found. Enter a name of a new model")
    child.sendcontrol("c")
    child.expect_exact("Interrupted.")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130


def test_an_explained_error_is_said_in_the_chosen_language(capsys):
    set_language("zh")
    report(UserError("没有人脸。", saw="3 张图片", fix="先提取"))
    assert capsys.readouterr().err == "/!\\ 没有人脸。\n  实际：3 张图片\n  解决：先提取\n"


def test_an_unforeseen_error_names_itself_and_the_file_with_its_traceback(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.delenv("DFL_DEBUG", raising=False)
    try:
        raise ZeroDivisionError("no faces to divide")
    except ZeroDivisionError as error:
        report(error)
    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert "Traceback" not in said
    (file,) = tmp_path.iterdir()
    assert str(file) in said
    assert "Traceback" in file.read_text()
    assert "no faces to divide" in file.read_text()


def test_debugging_shows_the_traceback(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("DFL_DEBUG", "1")
    try:
        raise ZeroDivisionError
    except ZeroDivisionError as error:
        report(error)
    assert "Traceback" in capsys.readouterr().err


def test_the_first_word_of_a_group_lists_its_commands(capsys):
    assert main(["xseg"]) == 0
    commands = [name.partition(" ")[2] for name in COMMANDS if name.startswith("xseg ")]
    said = capsys.readouterr().out
    assert "usage: dfl xseg COMMAND ..." in said and all(f"\n  {name} " in said for name in commands)
    assert main(["xseg", "--help"]) == 0 and capsys.readouterr().out == said
    assert main(["xseg", "paint"]) == 2
    assert "See dfl xseg --help." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["trian", "--silent-start"], "train"),
        (["xsge", "edit"], "xseg edit"),
        (["xseg", "aplyx", "x"], "apply"),
        (["model", "lst"], "list"),
        (["train", "--ae-dim", "64"], "--ae-dims"),
        (["merge", "--worksapce=x"], "--workspace"),
        (["model", "list", "--jsn"], "--json"),
        (["train", "--preview", "windowx"], "window"),
        (["faceset", "sort", "x", "--by", "Blurx"], "blur"),
    ],
)
def test_what_was_probably_meant_is_proposed(arguments, meant, capsys):
    assert main(arguments) == 2
    assert f"fix: Did you mean {meant}? See dfl" in capsys.readouterr().err
    assert main([*arguments, "--lang", "zh"]) == 2
    assert f"解决：您是不是想用 {meant}？参见 dfl" in capsys.readouterr().err


def test_nothing_is_proposed_for_a_word_like_no_other(capsys):
    assert main(["frobnicate"]) == 2
    assert capsys.readouterr().err == "/!\\ There is no command frobnicate.\n  fix: See dfl --help.\n"
