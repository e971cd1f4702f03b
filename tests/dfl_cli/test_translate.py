"""Languages: which one is spoken, and that the Chinese one is complete."""

import ast
import string
from pathlib import Path

import pytest

from dfl_cli.translate import catalog, language, language_of, set_language, tr

PACKAGE = Path(__file__).resolve().parents[2] / "dfl_cli"
OPTION_TEXTS = {"label", "help", "rule", "default_text", "when_text"}


def texts() -> list[tuple[str, str]]:
    """(file, text) of every literal given to tr(), and of every text in an option."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found += [(path.name, text) for text in literals(node)]
    return found


def literals(call: ast.Call) -> list[str]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    nodes = call.args[:1] if name == "tr" else []
    if name in ("Option", "Matching", "replace"):
        nodes = [keyword.value for keyword in call.keywords if keyword.arg in OPTION_TEXTS]
    return [node.value for node in nodes if isinstance(node, ast.Constant) and node.value]


def placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


def test_every_english_text_has_a_chinese_one():
    chinese = catalog("zh")
    assert [(file, text) for file, text in texts() if text not in chinese] == []


def test_chinese_texts_fill_in_the_same_values():
    assert [
        english for english, chinese in catalog("zh").items() if placeholders(english) != placeholders(chinese)
    ] == []


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
