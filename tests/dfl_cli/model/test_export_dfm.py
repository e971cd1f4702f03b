"""`dfl model export-dfm`, from a saved model to a file and what is said about it."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import pytest

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.main import main
from dfl_cli.model.export_dfm import explain_size
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.generation import Generation
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import SavedModel

OPTIONS = ask_table(SAEHD.table, given={}, ask_now=False) | {
    "resolution": 32,
    "archi": "df",
    "ae_dims": 16,
    "e_dims": 6,
    "d_dims": 4,
    "d_mask_dims": 2,
}


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> Path:
    """Two small models: `face`, and `broken` with weights that are no numbers."""
    from models.engine import runtime

    runtime.prepare("cpu")
    from models import weights

    folder = tmp_path_factory.mktemp("models")
    healthy = SAEHD.network.build(OPTIONS, seed=1).weights()
    broken = {key: np.full_like(array, np.nan) for key, array in healthy.items()}
    for name, arrays in (("face", healthy), ("broken", broken)):
        model_dir = ModelDir(folder / name)
        model_dir.create("SAEHD", {})
        state = {"iteration": 7, "model_class": "SAEHD", "options": OPTIONS, "seed": 1}
        model_dir.save(state, {"weights.safetensors": partial(weights.save, arrays=arrays)})
    return folder


@pytest.fixture
def export(models):
    def run(name: str, output: Path, *flags: str) -> int:
        return main(["model", "export-dfm", name, "--models", str(models), "--output", str(output), *flags])

    return run


@pytest.mark.parametrize("flags", [(), ("--quantized",)])
def test_a_saved_model_replaces_an_older_file_and_the_comparison_is_said(export, tmp_path, capsys, flags):
    output = tmp_path / "face.dfm"
    output.write_bytes(b"older")
    assert export("face", output, "--overwrite", *flags) == 0
    assert [value.name for value in onnx.load(output).graph.input] == ["in_face:0"]
    said = capsys.readouterr().out
    assert f"Wrote {output}" in said
    assert "Compared with the network on random faces: largest difference" in said
    assert list(tmp_path.iterdir()) == [output]


def test_a_model_that_paints_no_numbers_leaves_the_older_file_alone(export, tmp_path, capsys):
    output = tmp_path / "broken.dfm"
    output.write_bytes(b"older")
    assert export("broken", output, "--overwrite") == 1
    assert output.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [output]
    assert "The file was discarded" in capsys.readouterr().err


def test_an_unknown_name_and_an_output_that_is_no_file_are_explained(export, tmp_path, capsys):
    assert export("nobody", tmp_path / "face.dfm") == 1
    assert "nobody" in capsys.readouterr().err
    assert export("face", tmp_path) == 1
    assert str(tmp_path / "model.dfm") in capsys.readouterr().err
    assert export("face", tmp_path / "nowhere" / "face.dfm") == 1
    assert "There is no folder" in capsys.readouterr().err


def test_without_the_extra_the_message_says_what_to_install(models, tmp_path):
    command = ["model", "export-dfm", "face", "--models", str(models), "--output", str(tmp_path / "face.dfm")]
    code = f"import sys; sys.modules['onnx'] = None; from dfl_cli.main import main; sys.exit(main({command!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[3])
    assert done.returncode == 1
    assert 'pip install "dfl-trainer[onnx]"' in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_model_beyond_two_gigabytes_is_told_its_size_and_the_way_out():
    from models.exchange.onnx_graph import TooLarge

    saved = SavedModel(ModelDir(Path("giant")), Generation(Path("giant")), {})
    plain, quantized = (
        str(explain_size(TooLarge(3_100_000_000, 2_146_435_072), saved, quantized=q)) for q in (False, True)
    )
    assert "giant is too large" in plain
    assert "2.9 GB" in plain and "2.0 GB" in plain
    assert "--quantized" in plain and "--quantized" not in quantized


@pytest.mark.parametrize(
    "stem", [os.fsdecode("模型".encode("gbk")), "a" * 251, "字" * 83], ids=["gbk", "ascii", "utf-8"]
)
def test_the_file_may_have_any_name_that_the_disk_takes(export, tmp_path, capsys, stem):
    assert export("face", tmp_path / f"{stem}.dfm") == 0
    assert "Compared with the network" in capsys.readouterr().out
