"""The recipes in docs: every file is an answers file that would train as it stands."""

from pathlib import Path

import pytest

from dfl_cli.classes.registry import CLASSES
from dfl_cli.options.answers_file import read_answers
from dfl_cli.options.stages_file import check_stages, read_stages
from dfl_cli.options.wizard import ask_table

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "recipes"
RECIPES = sorted(FOLDER.glob("*.toml"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_is_right_for_a_model_of_its_class(path, capsys):
    table = CLASSES["AMP" if "amp" in path.stem else "SAEHD"].table
    answers = ask_table(table, given=read_answers(path, table), facts={"pretraining": FOLDER}, ask_now=False)
    stages = read_stages(path, table) or ()
    check_stages(path, table, stages, answers)
    assert capsys.readouterr().out == ""  # no value had to be moved within its limits
    assert stages or answers["target_iter"]


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_each_recipe_is_on_the_page(page):
    text = (FOLDER / page).read_text(encoding="utf-8")
    assert RECIPES and all(f"({path.name})" in text for path in RECIPES)
