"""Option precision: what auto comes to, its message, and what is saved in any case."""

import shutil

import numpy as np
import pytest

from dfl_cli.errors import UserError
from dfl_cli.main import main
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.train.guard.record import RecoveryRecord
from dfl_cli.train.precision import chosen_precision


@pytest.mark.parametrize(
    ("wanted", "gpu", "times", "chosen", "said"),
    [
        ("float32", True, None, "float32", ""),
        ("auto", False, 2.1, "bfloat16", "Computing in bfloat16, 2.1 times as fast as float32 here.\n"),
        ("auto", True, 1.2, "float32", "Computing in float32: bfloat16 is 1.2 times as fast here.\n"),
        ("auto", False, 0.0, "float32", "Computing in float32: this device has no bfloat16.\n"),
        ("bfloat16", False, 1.1, "bfloat16", ""),
        ("bfloat16", False, 0.21, "bfloat16", "bfloat16 is slower than float32 here (0.21 times as fast)."),
        ("float16", True, 1.9, "float16", ""),
        ("float16", False, None, "float16", "float16 is for GPUs: on a processor it takes many times as long"),
    ],
)
def test_what_is_computed_in_and_what_is_said_about_it(capsys, wanted, gpu, times, chosen, said):
    assert chosen_precision(wanted, gpu=gpu, measure=lambda precision: times) == chosen
    told = capsys.readouterr().err
    assert told.startswith(said) and bool(told) == bool(said)


def test_a_device_that_cannot_compute_in_what_was_asked_for_is_an_error():
    with pytest.raises(UserError, match="This device cannot compute in bfloat16"):
        chosen_precision("bfloat16", gpu=False, measure=lambda precision: 0.0)


def test_a_batch_that_found_the_loss_scale_is_no_skipped_step():
    record = RecoveryRecord().after_passed_batch()
    assert (record.skipped_batches, record.skipped_steps) == (1, 0)


@pytest.fixture(scope="module")
def story(two_steps):
    """A session of two steps in bfloat16, its save, and how to go on from there."""
    return two_steps(precision="bfloat16")


def test_training_goes_on_in_another_precision_with_the_same_weights_and_slots(story, eagerly, tmp_path):
    folder = shutil.copytree(story.session.model_dir.folder, tmp_path / "bench")
    resumed = story.resumed(ModelDir(folder), precision="float32")
    for ours, theirs in (
        (resumed.model.weights(), story.session.model.weights()),
        (resumed.model.optimizer_state(), story.session.model.optimizer_state()),
    ):
        assert ours.keys() == theirs.keys()
        for key, array in ours.items():
            np.testing.assert_array_equal(array, theirs[key], err_msg=key)
    assert resumed.model.precision == "float32" and resumed.step().applied


def test_results_are_computed_in_float32(story):
    merging, training = story.saved.build(), story.session.model
    assert (merging.precision, training.precision) == ("float32", "bfloat16")
    face = story.session.previews.batch.target_dst
    assert np.any(merging.swap(face)[0] != training.swap(face)[0])


@pytest.mark.parametrize("export", ["export-dfl", "export-dfm"])
def test_exports_are_those_of_the_same_weights_trained_in_float32(story, tmp_path, export):
    models = tmp_path / "models"
    shutil.copytree(story.session.model_dir.folder, models / "narrow")
    shutil.copytree(story.session.model_dir.folder, models / "single")
    single = story.resumed(ModelDir(models / "single"), precision="float32")
    single.saves.save()
    assert single.saves.finish()
    written = []
    for name in ("narrow", "single"):
        output = tmp_path / name
        assert main(["model", export, name, "--models", str(models), "--output", str(output)]) == 0
        files = sorted(path for path in output.rglob("*") if path.is_file()) if output.is_dir() else [output]
        written.append({path.name.replace(name, "NAME"): path.read_bytes() for path in files})
    same, other = written
    assert same.keys() == other.keys()
    assert all(same[name] == other[name] for name in same if name.endswith((".npy", ".dfm", "NAME")))


def test_the_summary_tells_what_auto_has_come_to(story, tmp_path):
    folder = shutil.copytree(story.session.model_dir.folder, tmp_path / "bench")
    resumed = story.resumed(ModelDir(folder), precision="auto")
    assert f"auto ({resumed.model.precision})" in resumed.summary(2)
    assert resumed.state().options["precision"] == "auto"
