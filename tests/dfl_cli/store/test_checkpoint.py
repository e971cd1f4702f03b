"""A save of a model is opened by `NAME@ITERATION` or `NAME@01`."""

import pytest

from dfl_cli.classes.registry import CLASSES
from dfl_cli.errors import UserError
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.checkpoint import find_checkpoint
from dfl_cli.store.model_dir import ModelDir


@pytest.fixture
def models(tmp_path):
    """A model saved at iterations 10 to 40, the first two of them backed up: the newest backup is of iteration 20."""
    facts = {"smallest_gpu_bytes": 0, "device_count": 1}
    options = ask_table(CLASSES["SAEHD"].table, given={}, ask_now=False, facts=facts)
    model_dir = ModelDir(tmp_path / "face")
    model_dir.create("SAEHD", {})
    for iteration in (10, 20, 30, 40):
        state = {"model_class": "SAEHD", "iteration": iteration, "seed": 1, "options": options}
        model_dir.save(state, {"weights.safetensors": lambda path, text=str(iteration): path.write_text(text)})
        if iteration <= 20:
            model_dir.backup()
    return tmp_path


@pytest.mark.parametrize(
    ("name", "iteration"),
    [
        ("face", 40),
        (None, 40),
        ("face@40", 40),
        ("face@30", 30),
        ("face@0000030", 30),
        ("face@01", 20),
        ("face@02", 10),
    ],
)
def test_a_save_is_found_by_its_iteration_or_the_number_of_its_backup(models, name, iteration):
    saved = find_checkpoint(models, name)
    assert (saved.name, saved.iteration) == ("face", iteration)
    assert saved.generation.weights_file.read_text() == str(iteration)


def test_a_backup_is_found_by_its_iteration_too(models):
    assert find_checkpoint(models, "face@20").generation.folder.name == "01"


@pytest.mark.parametrize("name", ["face@50", "face@03", "face@", "face@last"])
def test_a_save_that_is_not_there_names_those_that_are(models, name):
    with pytest.raises(UserError, match=r"has no save") as caught:
        find_checkpoint(models, name)
    assert caught.value.saw == "Available: 40, 30, 01 (iteration 20), 02 (iteration 10)"


@pytest.mark.parametrize("name", ["nobody@40", "@40", "nobody"])
def test_a_model_that_is_not_there_names_those_that_are(models, name):
    with pytest.raises(UserError, match="There is no model") as caught:
        find_checkpoint(models, name)
    assert "face" in caught.value.saw


def test_a_damaged_save_is_not_replaced_by_another(models):
    (models / "face" / "generations" / "0000030" / "weights.safetensors").write_text("bad")
    with pytest.raises(UserError, match="0000030 of face cannot be opened"):
        find_checkpoint(models, "face@30")


def test_a_name_with_the_mark_in_it_is_a_name(models):
    (models / "face").rename(models / "me@30")
    assert find_checkpoint(models, "me@30").iteration == 40
    assert find_checkpoint(models, "me@30@30").iteration == 30
