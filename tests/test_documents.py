"""The documents link to pages, files and headings that exist, and name commands and flags that exist."""

import argparse
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from dfl_cli.main import COMMANDS
from dfl_cli.options.parser import Parser
from programs import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
NOT_OF_HERE = {"docs/LOG.md", "docs/from-deepfacelab.md", "docs/from-deepfacelab.zh.md"}  # history, and another program
DEEPFACELABS = {"sort", "util", "videoed", "facesettool", "exportdfm", "xseg"}  # first words that run commands here
EVERYWHERE = {"--lang", "--help", "--help-all", "--version"}


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@cache
def anchors(page: Path) -> set[str]:
    """Of the headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", text_of(page), flags=re.M | re.S)
    titles = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title) for title in re.findall(r"^#+ (.+)$", text, re.M)]
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_a_page_links_to_exists(page):
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text_of(page)) if not link.startswith("http")]
    for link in links:
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def command_lines(page: Path) -> set[str]:
    """What begins with `dfl` in code blocks and in code between words."""
    text = text_of(page)
    blocks = re.findall(r"^```\n(.*?)^```", text, re.M | re.S)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    spans = [" ".join(span.split()) for span in re.findall(r"(?<!`)`(dfl [^`]+)`(?!`)", text)]
    return {line for line in (*lines, *spans) if re.match(r"dfl [a-z]", line)}


@cache
def flags_of(command: str) -> set[str]:
    """All flags of a command and of its actions."""
    parser = Parser(prog=f"dfl {command}")
    import_module(COMMANDS[command]).add_arguments(parser)
    parsers = [parser]
    for one in parsers:
        for action in one._actions:
            if isinstance(action, argparse._SubParsersAction):
                parsers += action.choices.values()
    return {flag for one in parsers for flag in one._option_string_actions} | EVERYWHERE


@pytest.mark.parametrize("page", [page for page in PAGES if name_of(page) not in NOT_OF_HERE], ids=name_of)
def test_the_commands_and_flags_that_a_page_shows_exist(page):
    for line in command_lines(page):
        words = line.split()[1:]
        command = next((name for n in (2, 1) if (name := " ".join(words[:n])) in COMMANDS), None)
        assert command or words[0] in DEEPFACELABS, line
        if command:
            assert set(re.findall(r"(?<![\w-])--[a-z][\w-]*", line)) <= flags_of(command), line
