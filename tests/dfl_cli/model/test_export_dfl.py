"""What is exported DeepFaceLab opens: the very bytes it writes itself, for files that came from there."""

import pickletools
import shutil
import subprocess
import sys
from functools import partial

import numpy as np
import pytest

from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import find_model
from models import weights
from models.engine import runtime
from samplers.files.pickles import safe_pickle

WEIGHTS = ("encoder", "inter", "decoder_src", "decoder_dst", "src_dst_opt")


def test_import_and_export_give_back_the_same_bytes(dfl, imported, dfl_folder, tmp_path):
    code, said, _ = dfl("export-dfl", "tiny", "--models", imported, "--output", tmp_path / "out", "--as", "new")
    assert (code, "new_SAEHD" in said) == (0, True)
    names = {f"new_SAEHD_{name}.npy" for name in WEIGHTS}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names | {"new_SAEHD_data.dat"}
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (dfl_folder / name).read_bytes(), name


def test_the_data_file_says_what_deepfacelab_wrote_in_plain_types(dfl, imported, dfl_folder, tmp_path):
    dfl("export-dfl", "tiny", "--models", imported, "--output", tmp_path / "out")
    ours = safe_pickle.loads((tmp_path / "out" / "tiny_SAEHD_data.dat").read_bytes())
    theirs = safe_pickle.loads((dfl_folder / "new_SAEHD_data.dat").read_bytes())
    assert ours.keys() == theirs.keys()
    assert (ours["iter"], ours["loss_history"]) == (theirs["iter"], theirs["loss_history"])
    assert (ours["sample_for_preview"], ours["choosed_gpu_indexes"]) == (None, None)
    assert ours["options"] == theirs["options"]
    assert {type(value) for value in ours["options"].values()} == {int, float, bool, str}


def test_export_and_import_give_back_the_same_model(dfl, imported, tmp_path):
    dfl("export-dfl", "tiny", "--models", imported, "--output", tmp_path / "out")
    assert dfl("import-dfl", tmp_path / "out", "--name", "again", "--models", imported)[0] == 0
    first, second = (find_model(imported, name) for name in ("tiny", "again"))
    assert first.generation.weights_file.read_bytes() == second.generation.weights_file.read_bytes()
    assert first.generation.optimizer_file.read_bytes() == second.generation.optimizer_file.read_bytes()
    assert first.options == second.options
    assert (imported / "tiny" / "loss.csv").read_bytes() == (imported / "again" / "loss.csv").read_bytes()


def test_files_name_only_what_old_numpy_has(dfl, imported, tmp_path):
    dfl("export-dfl", "tiny", "--models", imported, "--output", tmp_path / "out")
    for path in (tmp_path / "out").iterdir():
        payload = path.read_bytes()
        assert payload[:2] == b"\x80\x04", path.name
        texts = {argument for _, argument, _ in pickletools.genops(payload) if isinstance(argument, str)}
        assert not any("_core" in text for text in texts), path.name
        assert {text for text in texts if text.startswith("numpy")} <= {"numpy", "numpy.core.multiarray"}


def test_a_plain_unpickler_with_numpys_old_module_names_reads_them(dfl, imported, tmp_path):
    """As in DeepFaceLab: nothing of this project is imported; `numpy.core` is a module with the two functions."""
    dfl("export-dfl", "tiny", "--models", imported, "--output", tmp_path / "out")
    code = """
import pickle, sys, types
import numpy as np
core, old = np._core.multiarray, types.ModuleType("numpy.core.multiarray")
old._reconstruct, old.scalar = core._reconstruct, core.scalar
sys.modules["numpy.core"], sys.modules["numpy.core.multiarray"] = types.ModuleType("numpy.core"), old
import shutil
from pathlib import Path
for path in sorted(Path(sys.argv[1]).iterdir()):
    content = pickle.loads(path.read_bytes())  # written by the export just before
    if path.suffix == ".npy":
        steps = content.pop("iters:0", None)
        assert steps is None or type(steps) is np.int64 and steps == 3
        assert all(a.dtype == np.float32 and a.flags.c_contiguous and a.flags.writeable for a in content.values())
    else:
        assert content["iter"] == 3 and all(type(loss) is float for row in content["loss_history"] for loss in row)
    print(len(content), end=" ")
"""
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "out"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["5", "28", "28", "8", "6", "140"]


@pytest.fixture
def step(imported):
    """`step(saved, n)`: train a saved model for n steps on the same faces -> weights, optimizer state."""
    runtime.prepare("cpu")
    from dfl_cli.classes.saehd import SAEHD
    from models.classes.pair_batch import PairBatch

    model = SAEHD.network.build(find_model(imported, "tiny").options, seed=5)
    rng = np.random.default_rng(0)
    pictures, mask = rng.random((4, 2, 64, 64, 3), np.float32), np.ones((2, 64, 64, 1), np.float32)
    batch = PairBatch(pictures[0], pictures[1], mask, mask, pictures[2], pictures[3], mask, mask)

    def train(saved, steps: int) -> tuple[dict, dict]:
        model.load(weights.load(saved.generation.weights_file), weights.load(saved.generation.optimizer_file))
        for _ in range(steps):
            model.train(batch)
        return model.weights(), model.optimizer_state()

    return train


def test_a_model_trained_here_goes_on_just_the_same_after_a_trip_through_deepfacelab_files(
    dfl, imported, tmp_path, step
):
    trained, state = step(find_model(imported, "tiny"), 1)
    stay_at_home = step(find_model(imported, "tiny"), 2)
    record = find_model(imported, "tiny").state | {"iteration": 4}
    files = {"weights.safetensors": trained, "optimizer.safetensors": state}
    ModelDir(imported / "tiny").save(
        record, {name: partial(weights.save, arrays=arrays) for name, arrays in files.items()}
    )
    dfl("export-dfl", "tiny", "--models", imported, "--output", tmp_path / "out")
    dfl("import-dfl", tmp_path / "out", "--name", "travelled", "--models", imported)
    travelled = step(find_model(imported, "travelled"), 1)
    for ours, theirs in zip(stay_at_home, travelled, strict=True):
        assert ours.keys() == theirs.keys()
        assert all(np.array_equal(ours[name], theirs[name]) for name in ours)


def test_an_untrained_model_is_not_exported(dfl, imported, tmp_path):
    model_dir = ModelDir(imported / "tiny")
    saved = find_model(imported, "tiny")
    weights = {"weights.safetensors": lambda path: shutil.copy(saved.generation.weights_file, path)}
    model_dir.save(saved.state | {"iteration": 0}, weights)
    code, _, said = dfl("export-dfl", "tiny", "--models", imported, "--output", tmp_path / "out")
    assert (code, "has not been trained yet" in said, (tmp_path / "out").exists()) == (1, True, False)


def test_existing_files_are_replaced_only_by_force_and_then_all_of_them(dfl, imported, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "tiny_SAEHD_GAN.npy").write_bytes(b"of another training")
    (folder / "other_SAEHD_GAN.npy").write_bytes(b"of another model")
    words = ("export-dfl", "tiny", "--models", imported, "--output", folder)
    code, _, said = dfl(*words)
    assert (code, "tiny_SAEHD_GAN.npy" in said, len(list(folder.iterdir()))) == (1, True, 2)
    assert dfl(*words, "--force")[0] == 0
    assert not (folder / "tiny_SAEHD_GAN.npy").exists()
    assert (folder / "other_SAEHD_GAN.npy").read_bytes() == b"of another model"


def test_names_are_such_that_deepfacelab_finds_the_model(dfl, imported, tmp_path):
    assert dfl("rename", "tiny", "my_model 2", "--models", imported)[0] == 0
    words = ("export-dfl", "my_model 2", "--models", imported, "--output", tmp_path / "out")
    code, _, said = dfl(*words, "--as", "my_model")
    assert (code, "'_'" in said) == (1, True)
    assert dfl(*words)[0] == 0
    assert (tmp_path / "out" / "my-model 2_SAEHD_data.dat").is_file()


def test_losses_of_iterations_that_were_lost_are_not_exported(dfl, imported, tmp_path):
    with (imported / "tiny" / "loss.csv").open("a") as file:
        file.write("4,0.1,9.0,9.0\n5,0.1,8.")
    dfl("export-dfl", "tiny", "--models", imported, "--output", tmp_path / "out")
    record = safe_pickle.loads((tmp_path / "out" / "tiny_SAEHD_data.dat").read_bytes())
    assert len(record["loss_history"]) == 3


def test_a_file_in_the_place_of_the_folder_is_refused(dfl, imported, dfl_folder, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    code, _, said = dfl("export-dfl", "tiny", "--models", imported, "--output", tmp_path / "file")
    assert (code, "--output" in said, "Unexpected error" in said) == (1, True, False)
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "x", "--to", tmp_path / "file")
    assert (code, "--to" in said, "Unexpected error" in said) == (1, True, False)
