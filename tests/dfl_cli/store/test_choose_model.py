"""Choosing, renaming and deleting saved models."""

import os
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from dfl_cli.errors import UserError
from dfl_cli.store.choose_model import choose_model, delete_model, name_problem, rename_model
from dfl_cli.store.model_dir import ModelDir, saved_models


@pytest.fixture
def models(tmp_path) -> Path:
    """Three saved models: `old man` and `新模型` (the newest) of SAEHD, `quick` of Quick96."""
    for name, model_class in [("old man", "SAEHD"), ("quick", "Quick96"), ("新模型", "SAEHD")]:
        model_dir = ModelDir(tmp_path / name)
        model_dir.create(model_class, {"resolution": 64})
        model_dir.save({"iteration": 1}, {"weights.safetensors": lambda path: path.write_bytes(b"w")})
        time.sleep(0.002)  # saves are dated to the millisecond
    return tmp_path


def names(models: Path) -> list[str]:
    return [one.name for one in saved_models(models)]


def test_the_newest_model_comes_first_and_enter_takes_it(models, typed, capsys):
    assert choose_model(models, "SAEHD", console=typed("")) == "新模型"
    assert capsys.readouterr().out.splitlines() == [
        "Choose one of saved models, or enter a name to create a new model.",
        "[r] : rename",
        "[d] : delete",
        "",
        "[0] : 新模型 - latest",
        "[1] : old man ",
        " : ",
    ]


def test_where_one_model_is_enough_nobody_is_asked_unless_there_are_several(models, typed):
    def chosen(model_class: str, *lines: str, name: str = "usual") -> str:
        return choose_model(models, model_class, usual_name=name, console=typed(*lines))

    assert chosen("XSeg") == "usual"
    assert chosen("Quick96") == "quick"
    assert chosen("SAEHD", "1") == "old man"
    with pytest.raises(UserError, match="not a XSeg model"):
        chosen("XSeg", name="quick")


def test_a_number_takes_that_model(models, typed):
    assert choose_model(models, "SAEHD", console=typed("1")) == "old man"


def test_a_number_that_is_not_listed_is_asked_again(models, typed, capsys):
    assert choose_model(models, "SAEHD", console=typed("7", "9" * 5000, "1")) == "old man"
    assert "No model number 7. Enter 0 to 1." in capsys.readouterr().out


def test_other_text_is_the_name_of_a_new_model(models, typed):
    assert choose_model(models, "SAEHD", console=typed("my_face 2")) == "my_face 2"


def test_a_name_that_cannot_be_a_folder_is_asked_again(models, typed, capsys):
    assert choose_model(models, "SAEHD", console=typed("../up", ".hidden", "fine")) == "fine"
    assert capsys.readouterr().out.count("A model cannot be called") == 2


def test_without_models_a_name_is_asked(tmp_path, typed, capsys):
    assert choose_model(tmp_path / "none", "SAEHD", console=typed("")) == "new"
    assert "[new] No saved models found. Enter a name of a new model ( ?:help ) : " in capsys.readouterr().out


def test_renaming_by_the_full_name_shows_the_list_again(models, typed, capsys):
    assert choose_model(models, "SAEHD", console=typed("r", "old man", "young man", "1")) == "young man"
    assert "[1] : young man" in capsys.readouterr().out
    assert sorted(names(models)) == ["quick", "young man", "新模型"]


def test_deleting_is_confirmed(models, typed, capsys):
    choose_model(models, "SAEHD", console=typed("d", "old man", "", "0"))
    assert "old man" in names(models)
    choose_model(models, "SAEHD", console=typed("d", "old man", "y", "0"))
    assert names(models) == ["新模型", "quick"]
    assert "[n] Delete this model with all its files and backups? ( y/n ) : " in capsys.readouterr().out
    assert [path.name for path in (models / ".trash").iterdir()] == ["old man"]


def test_a_number_of_the_list_renames_and_the_way_back_leaves_all_as_it_is(models, typed, capsys):
    assert (
        choose_model(models, "SAEHD", console=typed("r", "1", "<", "d", "<", "<", "r", "1", "young man", "1"))
        == "young man"
    )
    printed = capsys.readouterr().out
    assert "This is the first question." in printed
    assert sorted(names(models)) == ["quick", "young man", "新模型"]


def test_an_answer_that_is_no_model_leaves_the_list_as_it_stands(models, typed, capsys):
    choose_model(models, "SAEHD", console=typed("?", "7", "0"))
    assert capsys.readouterr().out.count("[r] : rename") == 1


def test_part_of_a_name_renames_and_deletes_nothing(models, typed, capsys):
    choose_model(models, "SAEHD", console=typed("r", "old", "x", "d", "old", "y", "0"))
    assert len(names(models)) == 3
    assert capsys.readouterr().out.count("There is no model old.") == 2


def test_a_model_is_not_renamed_onto_another(models):
    with pytest.raises(UserError, match="already a model quick"):
        rename_model(models, "old man", "quick")
    assert len(names(models)) == 3


def test_deleting_a_linked_model_keeps_what_the_link_points_to(models, tmp_path_factory):
    target = tmp_path_factory.mktemp("elsewhere") / "real"
    (models / "old man").rename(target)
    (models / "linked").symlink_to(target)
    delete_model(models, "linked")
    assert target.is_dir()
    assert "linked" not in names(models)


def test_a_silent_start_takes_the_newest_or_new(models, tmp_path, capsys):
    assert choose_model(models, "SAEHD", silent=True) == "新模型"
    assert choose_model(tmp_path / "none", "SAEHD", silent=True) == "new"
    assert "新模型" in capsys.readouterr().out


def test_a_name_of_another_class_is_refused(models):
    with pytest.raises(UserError) as refused:
        choose_model(models, "SAEHD", given="quick")
    assert refused.value.saw == "Quick96"


def test_where_nothing_is_trained_an_unknown_name_is_an_error_that_lists_the_models(models, tmp_path):
    with pytest.raises(UserError) as refused:
        choose_model(models, given="nobody", may_create=False)
    assert "quick" in refused.value.saw
    with pytest.raises(UserError, match="no saved model"):
        choose_model(tmp_path / "none", may_create=False)


@pytest.mark.parametrize("name", ["new", "my face", "a_b-c.2", "模型 1", "हिन्दी", "ÅÖ", "42"])
def test_letters_and_digits_of_any_script_make_a_name(name):
    assert name_problem(name) is None


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".x", "a/b", "a\\b", "a:b", "a\nb", "a\x00", "x" * 300, "trailing.", "*", "\ud800"]
)
def test_what_is_no_name(name):
    assert name_problem(name)


@drawn(st.text())
def test_every_name_that_is_accepted_stays_inside_the_folder(name):
    if name_problem(name) is None:
        assert (Path("/models") / name).parent == Path("/models")
        assert Path("/models", name).resolve().parent == Path("/models")


def test_a_model_that_came_from_a_mac_is_found_and_not_made_again(models):
    name = unicodedata.normalize("NFC", "Йод")
    (models / "quick").rename(models / unicodedata.normalize("NFD", name))
    assert choose_model(models, given=name) == unicodedata.normalize("NFD", name)
    with pytest.raises(UserError, match="already a model"):
        rename_model(models, "old man", name)
    rename_model(models, name, name)  # to the usual spelling
    assert name in names(models)


def test_a_model_in_a_folder_of_gbk_bytes_can_be_used_and_renamed(models):
    found = os.fsdecode("模型".encode("gbk"))
    (models / "quick").rename(models / found)
    assert choose_model(models, given=found) == found
    rename_model(models, "模型", "quick")
    assert "quick" in names(models)


def test_folders_of_systems_among_the_models_are_no_models_and_are_mentioned(models, capsys):
    for name in ("__MACOSX", "@eaDir"):
        ModelDir(models / name).create("SAEHD", {"resolution": 64})
        ModelDir(models / name).save({"iteration": 1}, {})
    (models / ".DS_Store").touch()
    assert names(models) == ["新模型", "quick", "old man"]
    assert choose_model(models, "SAEHD", silent=True) == "新模型"
    assert "Ignored 3 hidden or system files" in capsys.readouterr().err


def test_a_save_is_not_what_a_system_left_among_the_saves(models):
    generations = models / "quick" / "generations"
    (generations / "@eaDir").mkdir()
    (generations / "0000009~").mkdir()
    assert [one.folder.name for one in ModelDir(models / "quick").generations()] == ["0000001"]
