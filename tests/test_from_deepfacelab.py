"""The pages "From DeepFaceLab": what they name exists, nothing is missing, and both languages say the same."""

import argparse
import json
import re
from importlib import import_module

import pytest

from dfl_cli.main import COMMANDS
from dfl_cli.merge.watch.keys import CYCLE_KEYS, MODE_KEYS, MOVE_KEYS, STEP_KEYS
from dfl_cli.options.option import by_key
from dfl_cli.options.parser import Parser
from dfl_cli.options.tables.merge import MERGE
from dfl_cli.train.key_table import key_table
from programs import ROOT

PAGES = ("from-deepfacelab.md", "from-deepfacelab.zh.md")
DEEPFACELABS = {"sort", "util", "videoed", "facesettool", "exportdfm"}  # first words that the pages show, too


def text_of(page: str) -> str:
    return (ROOT / "docs" / page).read_text(encoding="utf-8")


def rows(page: str) -> list[list[str]]:
    """The code in each row of each table; without the key that is a backtick itself."""
    lines = [line.replace("`` ` ``", "") for line in text_of(page).splitlines() if line.startswith("|")]
    return [sorted(re.findall(r"`([^`]+)`", line)) for line in lines]


def commands() -> list[str]:
    found = {code for code in re.findall(r"`(dfl [^`]+)`", text_of(PAGES[0])) if code.split()[1] not in DEEPFACELABS}
    return sorted(found)


def parser_for(words: list[str]) -> argparse.ArgumentParser:
    """Of the command that a line begins with, the action of `faceset`, `video` and `model` included."""
    name = next(name for n in (2, 1) if (name := " ".join(words[:n])) in COMMANDS)
    parser, rest = Parser(prog=name), words[len(name.split()) :]
    import_module(COMMANDS[name]).add_arguments(parser)
    for action in parser._subparsers._actions if parser._subparsers else ():
        if isinstance(action, argparse._SubParsersAction):
            return action.choices[rest[0]]
    return parser


def test_both_languages_have_the_same_rows():
    first, second = map(rows, PAGES)
    assert len(first) > 120
    for one, other in zip(first, second, strict=True):
        assert one == other


@pytest.mark.parametrize("command", commands())
def test_a_command_exists_with_its_flags(command):
    words = command.split()[1:]
    flags = {word for word in words if word.startswith("--")}
    assert flags <= set(parser_for(words)._option_string_actions)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_flag_and_value_of_deepfacelab_is_on_the_page(page):
    table = json.loads((ROOT / "tests/fixtures/dfl_commands/commands.json").read_text(encoding="utf-8"))
    code = " ".join(word for row in rows(page) for word in row).split()
    for command, words in table.items():
        assert set(command.split()) <= set(code), command
        for flag in (part.split()[0] for part in [*words["required"], *words["flags"]]):
            assert flag in code, flag


@pytest.mark.parametrize("page", PAGES)
def test_every_key_of_merging_and_training_is_on_the_page(page):
    code = {word for row in rows(page) for word in row}
    merging = {*"".join(STEP_KEYS.values()).lower().replace(":", ""), *MODE_KEYS[1:], *CYCLE_KEYS.values(), *MOVE_KEYS}
    training = {key.name for key in key_table()} - {"enter"}
    assert merging | training | {"Enter", ">", "v", "-", "="} <= code


@pytest.mark.parametrize("page", PAGES)
def test_the_defaults_of_merging_are_those_of_the_program(page):
    options = by_key(MERGE)
    lines = [line.split(" | ") for line in text_of(page).splitlines() if line.startswith("| ") and line.count("|") == 5]
    here = [line[-1].removesuffix(" |") for line in lines]
    for key in ("mask_mode", "color_transfer_mode", "hist_match_threshold"):
        assert str(options[key].default) in here


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_links_to_exists(page):
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text_of(page))} - {""}
    assert links and [link for link in links if not (ROOT / "docs" / link).is_file()] == []


@pytest.mark.parametrize(("readme", "page"), [("README.md", PAGES[0]), ("README.zh.md", PAGES[1])])
def test_the_readme_links_to_the_page(readme, page):
    assert f"(docs/{page})" in (ROOT / readme).read_text(encoding="utf-8")
