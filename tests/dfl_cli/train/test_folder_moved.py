"""The folder of a model is renamed, deleted or replaced while it is trained: nothing is written there, and nothing is lost."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import open_model
from programs import running

TRAINER = Path(__file__).parent / "light_trainer.py"


def renamed(folder: Path) -> Path:
    return folder.rename(folder.with_name("elsewhere"))


def deleted(folder: Path) -> Path:
    doomed = folder.rename(folder.with_name(".doomed"))
    while doomed.exists():  # whatever is still written there
        shutil.rmtree(doomed, ignore_errors=True)
    return folder.with_name("ab rescued")


def replaced(folder: Path) -> Path:
    renamed(folder)
    (folder / "generations").mkdir(parents=True)
    (folder / "model.json").write_text("another model")
    return folder.with_name("elsewhere")


def half_deleted(folder: Path) -> Path:
    shutil.rmtree(folder / "generations")
    (folder / "generations").touch()  # no save can be written there any more
    folder.rename(folder.with_name(".doomed"))
    return folder.with_name("ab rescued")


ALL_THE_TIME, BETWEEN = pytest.param(0.05, id="while it saves all the time"), pytest.param(600, id="between two saves")


@pytest.mark.parametrize("save_seconds", [ALL_THE_TIME, BETWEEN])
@pytest.mark.parametrize("change", [renamed, deleted, replaced])
def test_training_stops_writing_there_and_is_saved_elsewhere(tmp_path, change, save_seconds):
    stops_and_is_saved_elsewhere(tmp_path, change, save_seconds)


def test_a_folder_that_moved_and_takes_no_save_is_no_place_to_save(tmp_path):
    stops_and_is_saved_elsewhere(tmp_path, half_deleted, 600)


def stops_and_is_saved_elsewhere(tmp_path, change, save_seconds):
    folder, reached = tmp_path / "models" / "ab", tmp_path / "reached"
    line = [sys.executable, TRAINER, folder, reached, str(save_seconds)]
    with running(line, stderr=subprocess.STDOUT) as trainer:
        while not reached.is_file() or not int(reached.read_text()):
            assert trainer.poll() is None
        place = change(folder)
        there = sorted(folder.rglob("*"))
        said = trainer.communicate(timeout=60)[0]
    assert (trainer.returncode, "was renamed, deleted or replaced" in said) == (1, True), said
    if save_seconds > 1:  # else a save may be between two of its files
        assert sorted(folder.rglob("*")) == there
    assert not (folder / "current").exists()
    saved = open_model(ModelDir(place))
    assert f"Iteration {saved.iteration} is saved in {place}" in said
    assert saved.iteration > int(reached.read_text()) or save_seconds < 1


def test_a_model_that_stays_where_it_is_goes_on(tmp_path):
    with ModelDir(tmp_path / "ab").lock() as lock:
        (tmp_path / "ab" / "notes.txt").touch()
        lock.ensure_in_place()
