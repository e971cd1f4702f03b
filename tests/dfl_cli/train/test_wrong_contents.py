"""Training on from saves with right checksums and wrong contents: one clear message each, and nothing is changed."""

import json
import shutil

import numpy as np
import safetensors.numpy

from dfl_cli.main import main
from saves import sealed


def as_whole_numbers(folder) -> None:
    path = folder / "weights.safetensors"
    arrays = safetensors.numpy.load_file(path)
    path.write_bytes(safetensors.numpy.save({name: array.astype(np.int32) for name, array in arrays.items()}))


def with_huge_iteration(folder) -> None:
    state = json.loads((folder / "state.json").read_text())
    (folder / "state.json").write_text(json.dumps({**state, "iteration": 10**300}))


def without_optimizer(folder) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["files"]["optimizer.safetensors"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "optimizer.safetensors").unlink()


def with_resolution_that_does_not_fit(folder) -> None:
    state = json.loads((folder / "state.json").read_text())
    state["options"]["resolution"] = 70
    (folder / "state.json").write_text(json.dumps(state))


SPOILED = (
    (as_whole_numbers, [], ["weights.safetensors", "int32", "float32 expected"]),
    (with_huge_iteration, [], ["state.json: iteration is 10^300"]),
    (without_optimizer, [], ["optimizer.safetensors"]),
    (with_resolution_that_does_not_fit, ["--resolution=70"], ["resolution 70"]),
)


def test_the_file_and_what_is_wrong_with_it_are_named(trainer, tmp_path, capsys):
    trainer.run_here("--target-iter=1", "--no-preview")
    capsys.readouterr()
    for spoil, flags, words in SPOILED:
        models = tmp_path / spoil.__name__
        shutil.copytree(trainer.root / "models", models)
        for folder in (models / "ab" / "generations").iterdir():
            spoil(folder)
            sealed(folder)
        before = sorted(path.name for path in (models / "ab" / "generations").iterdir())
        assert main(trainer.words("--target-iter=3", "--silent-start", f"--models={models}", *flags)) == 1
        said = capsys.readouterr().err
        for word in words:
            assert word in said
        for word in ("Unexpected", "cables", "gradients"):
            assert word not in said
        assert sorted(path.name for path in (models / "ab" / "generations").iterdir()) == before
