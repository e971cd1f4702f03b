"""An XSeg model from its first step to its save, and on from there, in the session that trains every class."""

import json
from contextlib import ExitStack
from dataclasses import replace

import cv2
import numpy as np
import pytest

from dfl_cli.classes.xseg import XSEG
from dfl_cli.main import main
from dfl_cli.model.export_dfl import export_dfl
from dfl_cli.model.import_dfl import import_dfl
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import load_save, open_model
from dfl_cli.train.plan import Plan
from dfl_cli.xseg.predict import open_xseg
from models.classes.xseg_generic import thin_weights
from samplers.files.faces import open_faceset
from samplers.files.pickles import safe_pickle

GIVEN = {"batch_size": 2, "precision": "float32", "write_preview_history": True}


def plan_in(folder) -> Plan:
    return Plan(
        model_dir=ModelDir(folder / "XSeg"), model_class="XSeg", saved=None, init_from=None,
        options=XSEG.with_fixed(ask_table(XSEG.table, given=GIVEN, ask_now=False)), devices=[], face_folders={},
        pretraining=None, seed=1, history_seed=1, repeatable=True, autosave_minutes=25, preview="file",
    )  # fmt: skip


def test_a_model_is_trained_saved_resumed_and_exported(fixtures, tmp_path, capsys):
    """One test, because every step of this network takes seconds."""
    from models.engine import runtime

    runtime.prepare("cpu", deterministic=True, seed=1)
    from dfl_cli.train.open_session import build

    plan = plan_in(tmp_path / "models")
    labeled = open_faceset(fixtures / "xseg" / "faces", keeps_index=False)
    faces, model = {"src": labeled, "dst": labeled}, build(plan)
    assert_starts_with_the_built_in_network(model)
    straight = weights_of_a_saved_iteration_and_another(plan, faces, model)
    assert_files_of_the_saved_iteration(plan.model_dir)
    assert_leaving_pretraining_counts_from_0(plan)
    assert_goes_to_deepfacelab_and_comes_back_the_same(plan, fixtures, tmp_path)
    assert_becomes_an_onnx_file_beside_the_models(plan, capsys)
    assert_resumes_bit_for_bit(plan, faces, model, straight)


def assert_starts_with_the_built_in_network(model) -> None:
    thin = thin_weights()["conv32/conv/weight"]
    first = model.weights()["XSeg/conv32/conv/weight"]
    np.testing.assert_array_equal(first[:, :, : thin.shape[2], : thin.shape[3]], thin)


def weights_of_a_saved_iteration_and_another(plan, faces, model) -> dict:
    from dfl_cli.train.open_session import open_session

    with ExitStack() as stack:
        session = open_session(plan, faces, stack, model=model)
        assert session.step().verdict is None
        session.previews.write()
        session.previews.write_history(1)
        session.previews.finish()
        session.saves.final_save()
        session.step()
        return model.weights()


def assert_files_of_the_saved_iteration(model_dir) -> None:
    folder, saved = model_dir.folder, open_model(model_dir)
    assert (saved.iteration, saved.options["face_type"], saved.options["resolution"]) == (1, "wf", 256)
    assert (folder / "loss.csv").read_text().startswith("iteration,seconds,loss\n1,")
    assert cv2.imread(str(folder / "preview.png")).shape == (100 + 2 * 256, 3 * 256, 3)
    shown = {path.parent.name for path in folder.glob("history/*/0000001.jpg")}
    assert shown == {"XSeg training faces", "XSeg src faces", "XSeg dst faces"}
    assert open_xseg(folder.parent).iteration == 1


def assert_resumes_bit_for_bit(plan, faces, model, straight) -> None:
    from dfl_cli.train.open_session import open_session

    saved = open_model(plan.model_dir)
    load_save(model, saved.generation, model_class="XSeg", options=plan.options)
    with ExitStack() as stack:
        resumed = open_session(replace(plan, saved=saved), faces, stack, model=model)
        assert (resumed.iteration, len(resumed.history)) == (1, 1)
        resumed.step()
    for key, array in model.weights().items():
        np.testing.assert_array_equal(array, straight[key], err_msg=key)


def assert_leaving_pretraining_counts_from_0(plan) -> None:
    saved = open_model(plan.model_dir)
    pretrained = replace(
        saved, state=type(saved.state)({**saved.state, "options": {**saved.options, "pretrain": True}})
    )
    assert replace(plan, saved=saved).iteration == 1
    left = replace(plan, saved=pretrained)
    assert (left.iteration, left.leaves_pretraining) == (0, True)
    assert XSEG.network.parts_to_reinitialize(pretrained.options, plan.options) == []
    assert not XSEG.network.same_training(pretrained.options, plan.options)


def assert_goes_to_deepfacelab_and_comes_back_the_same(plan, fixtures, folder) -> None:
    saved = open_model(plan.model_dir)
    recorded = json.loads((fixtures / "xseg" / "files.json").read_text())
    target = export_dfl(saved, folder / "dfl", user=None, overwrite=False)
    record = safe_pickle.loads(target.options_file.read_bytes())
    assert [*record] == [*recorded["data.dat"]]
    assert record["options"] == {"face_type": "wf", "pretrain": False, "batch_size": 2}
    assert record["iter"] == 1 and [[type(loss) for loss in row] for row in record["loss_history"]] == [[float]]
    for name in ("256", "256_opt"):
        content = safe_pickle.loads(target.file(name).read_bytes())
        kinds = {key: f"{value.dtype} {[*value.shape]}" for key, value in content.items() if value.shape}
        expected = recorded[f"XSeg_{name}.npy"]
        assert [*content] == [*expected]
        assert kinds == {key: kind for key, kind in expected.items() if key != "iters:0"}

    again = open_model(import_dfl(target, folder / "imported", "XSeg"))
    assert again.generation.weights_file.read_bytes() == saved.generation.weights_file.read_bytes()
    assert again.generation.optimizer_file.read_bytes() == saved.generation.optimizer_file.read_bytes()


def assert_becomes_an_onnx_file_beside_the_models(plan, capsys) -> None:
    models = plan.model_dir.folder.parent
    assert main(["model", "export-dfm", "XSeg", "--models", str(models)]) == 0
    assert (models / "XSeg_model.onnx").stat().st_size > 70_000_000
    assert "Compared with the network on random faces: largest difference" in capsys.readouterr().out


@pytest.mark.parametrize(
    "options", [{"generic_start": False, "pretrain": False}, {"generic_start": True, "pretrain": True}]
)
def test_a_model_may_decline_the_built_in_network_and_one_in_pretraining_does_not_get_it(options):
    assert XSEG.first_weights(None, options) == []
