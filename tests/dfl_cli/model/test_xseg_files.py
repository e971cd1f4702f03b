"""XSeg as DeepFaceLab keeps it: in, and out again to the bit, beside files that are not of the model itself."""

import gzip
import json
import pickletools
import shutil
from pathlib import Path

import numpy as np
import pytest

from dfl_cli.store.saved_model import find_model
from models import weights
from samplers.files.pickles import safe_pickle
from xseg_weights import drawn_weights

DEFAULTS = "XSeg_default_options.dat"


@pytest.fixture
def recorded(fixtures) -> dict:
    """What is in each of the reference's files, in their order."""
    return json.loads((fixtures / "xseg" / "files.json").read_text())


@pytest.fixture
def folder(fixtures, tmp_path, recorded) -> Path:
    """The reference's folder after two iterations, its weights drawn by rule."""
    made = tmp_path / "dfl"
    made.mkdir()
    (made / "XSeg_data.dat").write_bytes(gzip.decompress((fixtures / "xseg" / "XSeg_data.dat.gz").read_bytes()))
    shutil.copy(fixtures / "xseg" / DEFAULTS, made)
    shapes = {key: json.loads(kind.removeprefix("float32 ")) for key, kind in recorded["XSeg_256.npy"].items()}
    drawn = drawn_weights({f"XSeg/{key[:-2]}": shape for key, shape in shapes.items()}, np.float32([0.236]))
    write(made / "XSeg_256.npy", {key: drawn[f"XSeg/{key[:-2]}"] for key in shapes})
    squares = {f"acc_XSeg/{key[:-2]}_0:0": np.square(drawn[f"XSeg/{key[:-2]}"]) for key in shapes}
    write(made / "XSeg_256_opt.npy", {"iters:0": np.int64(2), **squares})
    return made


def write(path: Path, content: dict) -> None:
    path.write_bytes(safe_pickle.dumps(content))


def test_import_and_export_give_back_the_same_bytes(dfl, folder, models, tmp_path, recorded):
    assert dfl("import-dfl", folder, "--name", "XSeg", "--to", models)[0] == 0
    saved, out = find_model(models, "XSeg", ["XSeg"]), tmp_path / "out"
    assert (saved.iteration, saved.options["face_type"], saved.options["batch_size"]) == (2, "wf", 2)
    assert (models / "XSeg" / "loss.csv").read_text().splitlines()[0] == "iteration,seconds,loss"
    assert len(weights.load(saved.generation.optimizer_file)) == len(recorded["XSeg_256_opt.npy"])

    code, _, said = dfl("export-dfl", "XSeg", "--models", models, "--output", out)
    assert code == 0, said
    names = ["XSeg_256.npy", "XSeg_256_opt.npy"]
    assert sorted(path.name for path in out.iterdir()) == [*names, "XSeg_data.dat"]
    for name in names:
        assert (out / name).read_bytes() == (folder / name).read_bytes(), name
        assert [*safe_pickle.loads((out / name).read_bytes())] == [*recorded[name]]
    ours, theirs = (safe_pickle.loads((one / "XSeg_data.dat").read_bytes()) for one in (out, folder))
    assert [*ours] == [*theirs] == [*recorded["data.dat"]]
    assert ours | {"sample_for_preview": None} == theirs | {"sample_for_preview": None}
    assert "numpy.core.multiarray" in words(out / "XSeg_data.dat")  # the batch size: an int64 of NumPy, by its old name
    assert not any("_core" in word for path in out.iterdir() for word in words(path))


def words(path: Path) -> set[str]:
    return {word for _, word, _ in pickletools.genops(path.read_bytes()) if isinstance(word, str)}


def test_into_the_reference_s_own_folder_only_the_model_s_files_are_replaced(dfl, folder, models):
    assert dfl("import-dfl", folder, "--name", "glasses", "--to", models)[0] == 0
    before = (folder / DEFAULTS).read_bytes()
    export = ("export-dfl", "glasses", "--models", models, "--output", folder)
    assert dfl(*export)[0] == 1
    assert dfl(*export, "--force")[0] == 0
    assert (folder / DEFAULTS).read_bytes() == before
    assert safe_pickle.loads((folder / "XSeg_data.dat").read_bytes())["sample_for_preview"] is None
    code, _, said = dfl(*export, "--force", "--as", "mine")
    assert (code, "has no name in DeepFaceLab" in said) == (1, True)
