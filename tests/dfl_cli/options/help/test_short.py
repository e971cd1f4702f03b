"""The short help and the whole one: what is in them, how wide they are, and their colors."""

import argparse
import re
import shlex
from importlib import import_module

import pytest

from dfl_cli.main import COMMANDS, main
from dfl_cli.options.help.examples import EXAMPLES
from dfl_cli.options.help.short import first_part
from dfl_cli.options.parser import Parser
from dfl_cli.terminal.width import display_width

LANGUAGES = ("en", "zh")
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")


def said(capsys, *arguments: str) -> str:
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("flag", ["--help", "--help-all"])
@pytest.mark.parametrize(
    "command", ["", "xseg", "videoed", "util", "model info", "model trash", "faceset sort", "video join", *COMMANDS]
)
def test_help_fits_80_columns(command, flag, language, capsys):
    lines = said(capsys, *command.split(), flag, "--lang", language).splitlines()
    assert [line for line in lines if display_width(line) > 80] == []


@pytest.mark.parametrize("command", ["train", "merge", "extract"])
def test_short_help_has_examples_first_and_then_a_line_for_each_flag(command, capsys):
    text = said(capsys, command, "--help")
    assert text.index("examples:") < text.index("--workspace")
    parser = Parser(prog=f"dfl {command}")
    import_module(COMMANDS[command]).add_arguments(parser)
    for action in parser._actions:
        if action.option_strings and action.help is not argparse.SUPPRESS:
            assert len(re.findall(rf"^  .*{action.option_strings[0]}\b", text, re.MULTILINE)) >= 1, action


def test_the_whole_texts_are_in_help_all(capsys):
    short, whole = said(capsys, "train", "--help"), said(capsys, "train", "--help-all")
    text = "Twice the" if "Twice the" in whole else "DFL_BATCH_SIZE"
    assert text in whole and text not in short
    assert "--force-model-name" in whole and "--force-model-name" not in short
    assert len(whole) > 3 * len(short)
    assert "dfl train --help-all explains every flag." in short


def test_short_help_shows_label_and_accepted_values_of_an_option(capsys):
    text = said(capsys, "train", "--help")
    assert re.search(r"--resolution 64-640 +Resolution\n", text)
    assert re.search(r"--ct-mode MODE +Color transfer for src faceset: none, rct", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("command", "flag"), [("extract", "--help"), ("extract", "--help-all"), ("swap", "--help-all")]
)
def test_narrow_terminals_have_texts_below_the_flags(command, flag, language, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "40")
    lines = said(capsys, command, flag, "--lang", language).splitlines()
    assert [line for line in lines if display_width(line) > 40] == []
    assert "  --workspace DIR" in lines


@pytest.mark.parametrize("prog", EXAMPLES)
def test_examples_are_understood(prog, capsys):
    for line, _ in EXAMPLES[prog]:
        words = shlex.split(re.split(r"[|]", line)[0].removeprefix('eval "$(').removesuffix(')"'))
        name = next(" ".join(words[1:count]) for count in (3, 2) if " ".join(words[1:count]) in COMMANDS)
        parser = Parser(prog=f"dfl {name}")
        import_module(COMMANDS[name]).add_arguments(parser)
        parser.parse_args(words[1 + len(name.split()) :])


def test_every_command_has_examples():
    assert {f"dfl {name}" for name in COMMANDS} <= set(EXAMPLES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("columns", ["80", "40"])
@pytest.mark.parametrize("line", ["--help", "merge --help", "merge --help-all", "swap --help-all", "model --help"])
def test_colors_change_no_text(language, line, columns, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", columns)
    arguments = [*line.split(), "--lang", language]
    plain = said(capsys, *arguments)
    monkeypatch.setenv("FORCE_COLOR", "1")
    colored = said(capsys, *arguments)
    assert "\x1b[" in colored and "\x1b[" not in plain
    assert ESCAPES.sub("", colored) == plain


def test_brackets_in_a_text_are_no_markup(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(["train", "--help-all"]) == 0
    assert "[y/n]" in ESCAPES.sub("", capsys.readouterr().out)


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colors_can_be_refused(name, value, monkeypatch, capsys):
    if name == "NO_COLOR":
        monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv(name, value)
    assert "\x1b[" not in said(capsys, "merge", "--help")


def test_the_mark_of_an_error_is_colored_like_help(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(["trian"]) == 2
    assert capsys.readouterr().err.startswith("\x1b[1;31m/!\\\x1b[0m There is no command trian.")


def test_only_as_much_of_a_text_as_fits():
    text = "Write losses; default: none. See the page."
    assert first_part(text, 80) == "Write losses; default: none. See the page"
    assert first_part(text, 30) == "Write losses; default: none"
    assert first_part(text, 20) == "Write losses"
    assert first_part("写入损失；默认不写。见说明。", 12) == "写入损失"
