"""What shells complete after `dfl`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from dfl_cli.completion.command import SHELLS
from dfl_cli.main import COMMANDS, main
from dfl_cli.options.tables.structure import FACE_TYPE

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def workspace(tmp_path) -> Path:
    """With two models, and a program `dfl` in the folder bin beside it."""
    for name in ("data_src/aligned", "data_dst/aligned", "model/alice", "model/bob 二"):
        (tmp_path / "film" / name).mkdir(parents=True)
    for name in ("alice", "bob 二"):
        (tmp_path / "film" / "model" / name / "model.json").write_text('{"format": 1, "model_class": "SAEHD"}')
    program = tmp_path / "bin" / "dfl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dfl_cli.main "$@"\n')
    program.chmod(0o755)
    return tmp_path / "film"


def environment(folder: Path, **more: str) -> dict[str, str]:
    path = f"{folder.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    left = {name: value for name, value in os.environ.items() if name not in ("DFL_WORKSPACE", "LC_ALL", "LANG")}
    return {**left, "PATH": path, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "LANG": "C.UTF-8", **more}


def completed(folder: Path, line: str) -> list[str]:
    """What the program answers to a shell for a line with the cursor at its end."""
    answer = folder.parent / "answer"
    asked = {
        "_ARGCOMPLETE": "1", "_ARGCOMPLETE_IFS": "\n", "_ARGCOMPLETE_SHELL": "fish", "_ARGCOMPLETE_SUPPRESS_SPACE": "1",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer), "COMP_LINE": line, "COMP_POINT": str(len(line)),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "dfl_cli.main"], cwd=folder, env=environment(folder, **asked), capture_output=True
    )
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    return answer.read_text(encoding="utf-8").splitlines()


def test_commands_and_their_second_words(workspace):
    assert set(completed(workspace, "dfl ")) == {name.partition(" ")[0] for name in COMMANDS}
    assert completed(workspace, "dfl tr") == ["train"]
    assert "suggest" in completed(workspace, "dfl xseg ")
    assert completed(workspace, "dfl extract r") == ["review"]
    assert {"src", "dst"} <= set(completed(workspace, "dfl extract "))
    assert completed(workspace, "dfl --lang zh tr") == ["train"]
    assert completed(workspace, "dfl model li") == ["list"]


def test_flags_and_values_come_from_the_option_table(workspace):
    assert completed(workspace, "dfl train --ae-") == ["--ae-dims"]
    assert completed(workspace, "dfl train --face-type ") == list(FACE_TYPE.kind.choices)
    assert completed(workspace, "dfl train --name alice --adabelief ") == ["y", "n"]
    assert completed(workspace, "dfl train --preview=t") == ["--preview=terminal"]
    assert completed(workspace, "dfl train --resolution ") == []
    assert completed(workspace, "dfl xseg train --gen") == ["--generic-start"]


def test_models_are_those_of_the_workspace_or_the_named_folder(workspace, tmp_path):
    (tmp_path / "other" / "carol").mkdir(parents=True)
    (tmp_path / "other" / "carol" / "model.json").write_text('{"format": 1, "model_class": "SAEHD"}')
    assert sorted(completed(workspace, "dfl train --name ")) == ["alice", "bob 二"]
    assert completed(workspace, "dfl model info a") == ["alice"]
    assert completed(workspace, "dfl model info --models ../other ") == ["carol"]
    assert (
        sorted(completed(workspace, "dfl evaluate "))
        == sorted(completed(workspace, "dfl compare alice "))
        == ["alice", "bob 二"]
    )
    assert completed(workspace, "dfl compare b") == ["bob 二"]
    assert completed(workspace.parent, "dfl train --name ") == []
    assert completed(workspace.parent, "dfl train --workspace film --name a") == ["alice"]


def test_paths_are_completed_folder_by_folder(workspace):
    assert completed(workspace, "dfl train --src data_s") == ["data_src/"]
    assert completed(workspace, "dfl train --src data_src/") == ["data_src/aligned/"]
    assert "dst" in completed(workspace, "dfl faceset info ")
    assert completed(workspace, "dfl swap data_s") == completed(workspace, "dfl verify data_s") == ["data_src/"]


def test_actions_of_utilities_and_their_flags(workspace):
    assert completed(workspace, "dfl faceset re") == ["resize", "recover-names", "restore-metadata"]
    assert completed(workspace, "dfl faceset enhance src --net") == ["--network"]
    assert completed(workspace, "dfl video de") == ["denoise"]
    assert completed(workspace, "dfl video denoise data_dst --fac") == ["--factor"]


def test_a_workspace_with_blanks_and_chinese_letters(workspace):
    moved = workspace.rename(workspace.with_name("我的 film"))
    assert completed(moved.parent, "dfl train --workspace '我") == ["我的 film/"]
    assert completed(moved.parent, "dfl train --workspace '我的 film' --name a") == ["alice"]
    assert completed(moved, "dfl evaluate a") == ["alice"]


def test_nothing_heavy_is_loaded(workspace):
    code = (
        "import os, sys; from dfl_cli.main import main; main();"
        "print([name for name in ('tensorflow', 'keras', 'rich') if name in sys.modules])"
    )
    line = "dfl train --face-type "
    asked = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_STDOUT_FILENAME": os.devnull,
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=workspace, env=environment(workspace, **asked), capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_printed_for_every_shell(shell, capsys):
    assert main(["completion", shell]) == 0
    said = capsys.readouterr()
    assert "dfl" in said.out and "_ARGCOMPLETE" in said.out and said.err == ""


TYPED = {"dfl eval": "evaluate", "dfl train --ae-d": "--ae-dims", "dfl model info al": "alice"}
STARTS = {
    "bash": (["--norc", "--noprofile"], 'eval "$(dfl completion bash)"'),
    "zsh": (["-f"], 'autoload -Uz compinit && compinit -u -D && eval "$(dfl completion zsh)"'),
}


def program(shell: str) -> str:
    return shutil.which(shell) or pytest.skip(f"{shell} is not installed")


@pytest.mark.parametrize("shell", STARTS)
def test_tab_completes_commands_flags_and_models(workspace, shell):
    arguments, start = STARTS[shell]
    settings = environment(workspace, TERM="xterm", PS1="> ", HOME=str(workspace.parent))
    child = pexpect.spawn(
        program(shell), arguments, cwd=str(workspace), env=settings, encoding="utf-8", timeout=90, dimensions=(24, 200)
    )
    child.sendline(f"{start}; echo read''y")
    child.expect_exact("ready")
    for typed, completion in TYPED.items():
        child.send(typed + "\t")
        child.expect_exact(completion.removeprefix(typed.rpartition(" ")[2]))  # only the rest is written by bash
        child.sendcontrol("u")
    child.close(force=True)


def test_fish_offers_commands_flags_and_models(workspace):
    asked = [f'complete -C "{typed}"' for typed in TYPED]
    script = "; ".join(["dfl completion fish | source", *asked])
    done = subprocess.run(
        [program("fish"), "--no-config", "-c", script],
        cwd=workspace, env=environment(workspace), capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert [line.partition("\t")[0] for line in done.stdout.splitlines()] == list(TYPED.values()), done.stderr
