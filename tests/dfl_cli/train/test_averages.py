"""Option ema, from a training session to what is saved, shown, merged and gone on with."""

import shutil

import numpy as np
import pytest

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import open_model


@pytest.fixture(scope="module")
def story(two_steps):
    """A session of two steps with averages, its save, and how to go on from there."""
    return two_steps(ema="0.999")


@pytest.fixture
def model_dir(story, tmp_path) -> ModelDir:
    """The saved model once more, for one test."""
    return ModelDir(shutil.copytree(story.session.model_dir.folder, tmp_path / "bench"))


def assert_same(ours: dict, theirs: dict) -> None:
    assert ours.keys() == theirs.keys()
    for key, array in ours.items():
        np.testing.assert_array_equal(array, theirs[key], err_msg=key)


def test_previews_show_the_averages(story):
    session, batch = story.session, story.session.previews.batch
    shown = session.previews.draw(batch)[0].image
    raw = SAEHD.draw_previews(session.model, batch, session.options)[0].image
    with session.model.averaged():
        averaged = SAEHD.draw_previews(session.model, batch, session.options)[0].image
    np.testing.assert_array_equal(shown, averaged)
    assert np.any(shown != raw)


def test_merging_and_export_dfm_get_the_averages(story):
    averages = story.session.model.averages()
    assert averages.pop("steps") == 2
    merging = story.saved.build()
    assert_same(merging.weights(), averages)
    assert merging.averages() == {}  # no memory for what is not trained


def test_training_goes_on_where_it_stopped(story, model_dir):
    resumed = story.resumed(model_dir).model
    assert_same(resumed.averages(), story.session.model.averages())
    assert_same(resumed.weights(), story.session.model.weights())


def test_a_backup_brings_them_back_and_switched_off_they_are_saved_no_longer(story, model_dir):
    weights, backup = story.session.model.weights(), model_dir.backup()
    session = story.resumed(model_dir, ema="off")
    session.saves.save()
    assert session.saves.finish()
    off = open_model(model_dir)
    assert not off.generation.averages_file.exists()
    assert_same(off.build().weights(), weights)
    contents_off = off.fingerprint

    again = story.resumed(model_dir).model.averages()
    assert again.pop("steps") == 0
    assert_same(again, weights)

    model_dir.restore(backup)
    assert_same(story.resumed(model_dir).model.averages(), story.session.model.averages())
    assert open_model(model_dir).fingerprint == story.saved.fingerprint != contents_off


def test_a_damaged_file_of_them_is_named_as_any_other(model_dir, capsys):
    damaged = model_dir.restore(model_dir.backup())
    whole = damaged.averages_file.read_bytes()
    damaged.averages_file.unlink()  # it is a link to that of other saves
    damaged.averages_file.write_bytes(whole[:-1])
    assert open_model(model_dir).generation != damaged
    assert "ema.safetensors" in capsys.readouterr().err
