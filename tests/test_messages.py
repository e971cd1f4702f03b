"""The translation catalogs hold exactly the texts of the program, each with its translation."""

import ast
import re
import runpy
import subprocess
import sys
from functools import cache
from pathlib import Path

import polib
import pytest
from setuptools import Distribution

from dfl_cli.text_files import toml
from dfl_cli.translate import LANGUAGES, LOCALES, catalog_file

ROOT = Path(__file__).resolve().parent.parent
TRANSLATED = sorted(set(LANGUAGES) - {"en"})
MARKERS = {"tr", "ntr", "ptr", "N_"}
CHINESE = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
HALF_WIDTH = re.compile(rf"{CHINESE} ?[,:;?!()]|[,:;?!()] ?{CHINESE}")
MEANT = (  # half-width punctuation that stays
    r"(?<=[ ，、])\? ",  # the key that shows the help
    r"启用 AdaBelief 优化器\?",  # a label as the well-known Chinese build has it, character by character
)
OPTION_TEXTS = {"label", "help", "rule", "default_text", "when_text"}


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> polib.POFile:
    """What the first half of `make messages` collects. Babel warns of f-strings as values: say {share:.0%} in the text."""
    path = tmp_path_factory.mktemp("messages") / "dfl.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract", "-o", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return polib.pofile(str(path))


def names(entry: polib.POEntry) -> tuple[str | None, str, str]:
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def forms(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def values_in(text: str) -> set[str]:
    """The names of the values that are filled in: {"path"} for "There is no {path}."."""
    return set(re.findall(r"{(\w*)[^}]*}", text))


def test_every_folder_of_texts_is_a_language_to_choose():
    assert sorted(path.name for path in LOCALES.iterdir()) == TRANSLATED


@pytest.fixture(scope="module", params=TRANSLATED)
def catalog(request) -> polib.POFile:
    return polib.pofile(str(catalog_file(request.param)), check_for_duplicates=True)


def test_a_catalog_has_the_texts_of_the_program_and_no_others(template, catalog):
    """`make messages` puts this right."""
    wanted, there = set(map(names, template)), set(map(names, catalog))
    assert not wanted - there, f"not in the catalog: {sorted(wanted - there, key=str)}"
    assert not there - wanted, f"no longer in the program: {sorted(there - wanted, key=str)}"


def test_every_text_is_translated_in_all_its_forms(catalog):
    count = int(re.match(r"nplurals=(\d+);", catalog.metadata["Plural-Forms"])[1])
    for entry in catalog:
        assert not entry.fuzzy, f"to be read again, then remove the word fuzzy: {entry.msgid}"
        assert len(forms(entry)) == (count if entry.msgid_plural else 1) and all(forms(entry)), entry.msgid


def test_translations_fill_in_the_same_values(catalog):
    for entry in catalog:
        general = entry.msgid_plural or entry.msgid
        assert values_in(entry.msgid) <= values_in(general), entry.msgid  # the form for one may leave a value out
        assert all(values_in(form) == values_in(general) for form in forms(entry)), (general, forms(entry))


def test_punctuation_next_to_chinese_is_full_width():
    for entry in polib.pofile(str(catalog_file("zh"))):
        for form in forms(entry):
            found = HALF_WIDTH.search(re.sub("|".join(MEANT), "", form))
            assert not found, f"{found[0]!r} in {form}"


def test_what_is_installed_has_compiled_catalogs_instead(tmp_path):
    files = toml.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    package = {"packages": ["dfl_cli"], "package_dir": {"dfl_cli": str(ROOT / "dfl_cli")}, "package_data": files}
    script = str(ROOT / "setup.py")
    build = runpy.run_path(script)["BuildWithCatalogs"](Distribution(package | {"script_name": script}))
    build.ensure_finalized()
    build.build_lib = str(tmp_path)
    build.run()
    assert len(list(tmp_path.rglob("*.po"))) == 0
    code = "from dfl_cli.translate import set_language, tr; set_language('zh'); print(ascii(tr('Training')))"
    said = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert said.stdout.strip() == ascii("训练"), said.stderr


@cache
def calls_and_f_strings() -> list[tuple[Path, ast.Call | ast.JoinedStr]]:
    """Of every file of the program."""
    paths = sorted(path for package in ("dfl_cli", "models", "samplers") for path in (ROOT / package).rglob("*.py"))
    return [
        (path.relative_to(ROOT), node)
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call | ast.JoinedStr)
    ]


def name_of_call(node: ast.AST) -> str:
    return getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""


def test_no_text_is_inside_an_f_string():
    """Babel cannot look into f-strings before Python 3.12."""
    strings = [(path, node) for path, node in calls_and_f_strings() if isinstance(node, ast.JoinedStr)]
    assert strings
    for path, string in strings:
        inside = [call for call in ast.walk(string) if name_of_call(call) in MARKERS]
        assert not any(isinstance(call.args[0], ast.Constant) for call in inside), f"{path}:{string.lineno}"


def test_texts_of_options_are_marked():
    marked = 0
    for path, call in calls_and_f_strings():
        if name_of_call(call) in ("Option", "MatchingText", "replace"):
            for keyword in call.keywords:
                text = keyword.value if keyword.arg in OPTION_TEXTS else None
                marked += name_of_call(text) == "N_"
                assert not (isinstance(text, ast.Constant) and text.value), f"{path}:{text.lineno}: needs N_(...)"
    assert marked > 60
