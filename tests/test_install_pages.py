"""The pages on installing and on releases say the same in both languages, and what they point to exists."""

import re

import pytest

from programs import ROOT

PAGES = ("docs/install", "docs/releases/0.1.0")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def commands(page: str) -> list[str]:
    """The lines of the code blocks, without comments."""
    blocks = re.findall(r"^ *```\n(.*?)^ *```", text_of(page), re.M | re.S)
    return [line.split("  #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_show_the_same_commands(page):
    assert commands(f"{page}.md") == commands(f"{page}.zh.md")


@pytest.mark.parametrize("page", [*(f"{page}{end}" for page in PAGES for end in (".md", ".zh.md")), "RELEASING.md"])
def test_what_a_page_links_to_exists(page):
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text_of(page))}
    assert [link for link in links if link and not ((ROOT / page).parent / link).exists()] == []


def test_the_pages_build_images_as_the_dockerfile_says():
    said = re.findall(r"EXTRAS=[\w,]+|nvidia/cuda:[\w.-]+", text_of("Dockerfile"))
    asked = {option for option in said if option not in re.findall(r"^ARG (.+)", text_of("Dockerfile"), re.M)}
    assert len(asked) == 2
    assert all(option in text_of(f"docs/install{end}") for option in asked for end in (".md", ".zh.md"))


def test_releasing_names_targets_that_the_makefile_has():
    targets = {
        name for line in re.findall(r"^ +make (.+?)(?:  #|$)", text_of("RELEASING.md"), re.M) for name in line.split()
    }
    assert targets and targets <= set(re.findall(r"^([\w-]+):", text_of("Makefile"), re.M))
