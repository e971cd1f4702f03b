"""Languages: which one is spoken, and that options have their Chinese texts (tests/test_rules.py sees to all others)."""

import ast
from pathlib import Path

import pytest

from dfl_cli.translate import catalog, language, language_of, set_language, tr

PACKAGE = Path(__file__).resolve().parents[2] / "dfl_cli"
OPTION_TEXTS = {"label", "help", "rule", "default_text", "when_text"}


def option_texts() -> list[tuple[str, str]]:
    """(file, text) of every text in a table of options, and of questions that are no options."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Option", "Matching", "replace"):
                values = [keyword.value for keyword in node.keywords if keyword.arg in OPTION_TEXTS]
                found += [
                    (path.name, value.value) for value in values if isinstance(value, ast.Constant) and value.value
                ]
    return found


def test_every_text_of_an_option_has_a_chinese_one():
    chinese = catalog("zh")
    assert len(option_texts()) > 60
    assert [(file, text) for file, text in option_texts() if text not in chinese] == []


def test_no_text_is_in_two_catalog_files_with_different_meanings():
    from dfl_cli.toml import loads

    seen = {}
    for path in sorted((PACKAGE / "locales" / "zh").glob("*.toml")):
        for english, chinese in loads(path.read_text(encoding="utf-8")).items():
            assert seen.setdefault(english, chinese) == chinese, f"{path.name}: {english}"


@pytest.mark.parametrize(
    ("environment", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8"}, "zh"),
        ({"LANG": "", "LC_ALL": ""}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_language_is_that_of_the_locale(environment, spoken):
    assert language_of(environment) == spoken


def test_a_text_without_translation_stays_english():
    set_language("zh")
    assert tr("no such text: {value}", value=3) == "no such text: 3"
    assert language() == "zh"


def test_braces_in_a_text_without_values_are_left_alone():
    assert tr("{literally}") == "{literally}"
