"""Every flag of DeepFaceLab's commands is accepted or explained (tests/fixtures/dfl_commands/commands.json lists them)."""

import json
import re
from pathlib import Path

import pytest

from command_lines import parse
from dfl_cli.dfl_names.command import run_dfl_line
from dfl_cli.translate import set_language

TABLE = json.loads(
    (Path(__file__).resolve().parents[2] / "fixtures" / "dfl_commands" / "commands.json").read_text(encoding="utf-8")
)
CHOOSES_A_MODEL = "exportdfm"  # has a test of its own, with models
NEEDS_A_NETWORK = "facesettool enhance"
CASES = [
    (command, flag)
    for command, words in TABLE.items()
    if command not in (CHOOSES_A_MODEL, NEEDS_A_NETWORK, "dev_test")
    for flag in ["", *words["flags"]]
]
# Explained, and the command runs without it; refused, for it would do something else; all others are accepted.
EXPLAINED = {
    "--detector s3fd": "--dfl-networks", "--manual-fix": "dfl extract review", "--manual-window-size 1368": "dfl extract review",
    "--pretrained-model-dir pretrain_Quick96": "--init-from", "--ext png": "",
}  # fmt: skip
REFUSED = {
    "--detector manual": "dfl extract review", "--face-type mark_only": "whole_face",
    "--manual-output-debug-fix": "dfl extract review", "--debug": "", "--execute-program 60 save()": "--answers",
}  # fmt: skip


def read_line(command: str, flag: str) -> int:
    words = [word for part in TABLE[command]["required"] for word in part.split()]
    return run_dfl_line([*command.split(), *words, *flag.split()], parse)


@pytest.mark.parametrize(("command", "flag"), CASES)
def test_a_flag_is_accepted_or_explained(command, flag, capsys):
    if command == "util" and not flag:
        assert read_line(command, flag) == 2  # no switch: nothing to do
        return
    code, said = read_line(command, flag), capsys.readouterr().err
    assert code == (2 if flag in REFUSED else 0), said
    if flag in EXPLAINED | REFUSED:
        assert flag.split()[0] in said and (EXPLAINED | REFUSED)[flag] in said
    else:
        assert [line for line in said.splitlines() if "DeepFaceLab's" not in line] == []


@pytest.mark.parametrize("flag", [*EXPLAINED, *REFUSED])
def test_explanations_are_in_chinese_too(flag, capsys):
    set_language("zh")
    command = next(command for command, words in TABLE.items() if flag in words["flags"])
    assert read_line(command, flag) == (2 if flag in REFUSED else 0)
    said = capsys.readouterr().err
    line = next(line for line in said.splitlines() if flag.split()[0] in line)
    assert re.search(r"[一-鿿]{2}", line + said.splitlines()[-1])
    assert (EXPLAINED | REFUSED)[flag] in said


@pytest.mark.parametrize("flag", ["", *TABLE[NEEDS_A_NETWORK]["flags"]])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_enhancing_needs_a_network_that_deepfacelab_brings_along(language, flag, capsys):
    set_language(language)
    assert read_line(NEEDS_A_NETWORK, flag) == 2
    assert "--network FILE" in capsys.readouterr().err
    seen = []
    words = ["facesettool", "enhance", "--input-dir", "faces", "--network", "restore.onnx", *flag.split()]
    assert run_dfl_line(words, lambda words: seen.append(words) or 0) == 0
    assert seen == [["faceset", "enhance", "faces", "--network", "restore.onnx"]]
    assert flag.partition(" ")[0] in capsys.readouterr().err


def test_a_value_may_stand_behind_an_equals_sign(capsys):
    seen = []
    line = "extract --detector=s3fd --input-dir=in --output-dir=out --manual-window-size=900 --jpeg-quality=80"
    assert run_dfl_line(line.split(), lambda words: seen.append(words) or parse(words)) == 0
    assert seen == [["extract", "--input-dir=in", "--output-dir=out", "--jpeg-quality=80"]]
    seen.clear()
    assert run_dfl_line(["sort", "--by=hue", "--input-dir=in"], lambda words: seen.append(words) or 0) == 0
    assert seen == [["faceset", "sort", "in", "--by=hue"]]
    assert "dfl faceset sort in --by=hue" in capsys.readouterr().err


def test_a_detector_of_ones_own_is_still_a_file(capsys):
    assert run_dfl_line(["extract", "--input", "a", "--output", "b", "--detector", "yunet.onnx"], parse) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_command_for_developers_is_explained(language, capsys):
    set_language(language)
    assert read_line("dev_test", "") == 2
    assert "dev_test" in capsys.readouterr().err
