"""AMP and Quick96 as DeepFaceLab keeps them: in, trained on, out, and in again."""

import numpy as np
import pytest

from dfl_cli.classes.registry import CLASSES
from dfl_cli.store.saved_model import find_model
from models import weights
from models.engine import runtime
from models.exchange.dfl_checkpoint import SLOTS
from samplers.files.pickles import safe_pickle

AMP = {
    "resolution": 64, "face_type": "wf", "ae_dims": 8, "inter_dims": 12, "e_dims": 4, "d_dims": 4, "d_mask_dims": 2,
    "morph_factor": 0.5, "uniform_yaw": False, "blur_out_mask": False, "lr_dropout": "n", "models_opt_on_gpu": True,
    "random_warp": True, "gan_power": 0.1, "gan_patch_size": 8, "gan_dims": 4, "ct_mode": "none", "clipgrad": False,
    "autobackup_hour": 0, "write_preview_history": False, "target_iter": 0, "random_src_flip": False,
    "random_dst_flip": True, "batch_size": 2,
}  # fmt: skip


def write_folder(folder, model_class: str, options: dict) -> None:
    """A model folder as the reference writes it: only trained networks have slots, AMP's inters have none."""
    rng = np.random.default_rng(0)
    draw = lambda shape: 0.1 * rng.random(shape, np.float32) - 0.05  # noqa: E731
    files = CLASSES[model_class].network.layout(options)
    folder.mkdir()
    for part in files.parts:
        content = {f"{path}:0": draw(shape) for path, shape in part.tensors.items()}
        (folder / f"x_{model_class}_{part.file}.npy").write_bytes(safe_pickle.dumps(content))
    slots = SLOTS[2:] if model_class == "Quick96" else SLOTS[:2]
    for optimizer in files.optimizers:
        content = {"iters:0": np.int64(5)}
        for slot in slots:
            for part in (part for part in optimizer.parts if not part.name.startswith("inter_")):
                content |= {f"{slot}_{part.scope}/{p}_0:0": np.abs(draw(shape)) for p, shape in part.tensors.items()}
        (folder / f"x_{model_class}_{optimizer.file}.npy").write_bytes(safe_pickle.dumps(content))
    record = {"iter": 5, "options": options, "loss_history": [[1.0, 2.0]] * 5}
    (folder / f"x_{model_class}_data.dat").write_bytes(safe_pickle.dumps(record))


@pytest.mark.parametrize(("model_class", "options"), [("AMP", AMP), ("Quick96", {"batch_size": 4})])
def test_import_export_and_import_change_no_bit_and_fit_our_networks(dfl, tmp_path, models, model_class, options):
    write_folder(tmp_path / "dfl", model_class, options)
    assert dfl("import-dfl", tmp_path / "dfl", "--name", "x", "--to", models)[0] == 0
    code, _, said = dfl("export-dfl", "x", "--models", models, "--output", tmp_path / "out")
    assert code == 0, said
    for path in (tmp_path / "dfl").glob("*.npy"):
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes(), path.name
    record = safe_pickle.loads((tmp_path / "out" / f"x_{model_class}_data.dat").read_bytes())
    assert options.items() <= record["options"].items()
    assert not {"train_inters", "archi"} & record["options"].keys()

    saved = find_model(models, "x")
    arrays, state = weights.load(saved.generation.weights_file), weights.load(saved.generation.optimizer_file)
    runtime.prepare("cpu")
    model = CLASSES[model_class].network.build(saved.options, seed=1)
    assert model.load(arrays, state) == []
    for ours, theirs in ((model.weights(), arrays), (model.optimizer_state(), state)):
        assert ours.keys() == theirs.keys()
        for name, array in theirs.items():
            np.testing.assert_array_equal(ours[name], array, err_msg=name)


def test_an_imported_quick96_has_its_fixed_options(dfl, tmp_path, models):
    write_folder(tmp_path / "dfl", "Quick96", {"batch_size": 4})
    assert dfl("import-dfl", tmp_path / "dfl", "--name", "x", "--to", models)[0] == 0
    options = find_model(models, "x").options
    assert (options["resolution"], options["face_type"], options["archi"]) == (96, "f", "df-ud")
    assert find_model(models, "x").model_dir.header()["structure"]["d_dims"] == 64
