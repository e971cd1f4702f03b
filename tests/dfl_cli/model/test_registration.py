"""Where a model puts faces: measured at its import, listed by `dfl model info`, taken off in a .dfm file."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from dfl_cli.main import main
from dfl_cli.model.dfl_folder import choose_dfl_model
from dfl_cli.model.import_dfl import import_dfl
from dfl_cli.registration.measuring import measure, whole_faces
from dfl_cli.registration.record import Registration, Side
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.registration_file import keep
from dfl_cli.store.saved_model import find_model
from models import weights
from models.classes.corrections import NONE
from models.classes.pair_batch import PairBatch
from models.engine import runtime
from models.subpixel import moved
from samplers.files.faces import open_faceset
from samplers.geometry.displacement import Displacement


def beside(x: float, y: float, faces: int, *, correction: tuple | None = None) -> Side:
    return Side(Displacement((x, y), (0.2, 0.3), 1.0, 0.0, faces), correction or (-x, -y))


OFF = Registration(3, beside(0.42, 1.13, 32), beside(-0.3, 0.01, 9))
RIGHT = Registration(2, beside(0.02, -0.04, 32, correction=(0.0, 0.0)))


@pytest.fixture(scope="module")
def face_folder(fixtures, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("faces") / "aligned"
    shutil.copytree(fixtures / "formats", folder, ignore=shutil.ignore_patterns("*[!g]"))
    return folder


@pytest.fixture(scope="module")
def learned(fixtures, face_folder, tmp_path_factory) -> Path:
    """A DeepFaceLab folder whose model, of iteration 103, puts these faces three pixels to the right of their place."""
    folder = tmp_path_factory.mktemp("learned")
    import_dfl(choose_dfl_model(fixtures / "dfl" / "model", model_class=None, user=None), folder / "models", "tiny")
    saved = find_model(folder / "models", "tiny")
    runtime.prepare("cpu")
    model = saved.build()
    faces = list(whole_faces(list(open_faceset(face_folder)), saved.options))
    pictures, masks = (np.stack([getattr(one, name) for one in faces]) for name in ("image", "mask"))
    batch = PairBatch(*[pictures, moved(pictures, (3.0, 0.0)), masks, masks] * 2)
    model.limit_steps(learning_rate_scale=20)
    for _ in range(60):
        model.train(batch)
    writers = {"weights": model.weights(), "optimizer": model.optimizer_state()}
    state = saved.state | {"iteration": 103}
    saved.model_dir.save(
        state,
        {
            f"{name}.safetensors": lambda path, arrays=arrays: weights.save(path, arrays)
            for name, arrays in writers.items()
        },
    )
    command = ["model", "export-dfl", "tiny", "--models", str(folder / "models"), "--output", str(folder / "dfl")]
    assert main(command) == 0
    return folder / "dfl"


@pytest.fixture
def measured(imported):
    """`measured(record)`: the folder of models with that model saved once more, and what was measured on it."""

    def save(record: Registration | None) -> Path:
        model_dir = ModelDir(imported / "tiny")
        state = model_dir.generations()[0].state() | {"registration": record and record.as_dict()}
        files = ("weights.safetensors", "optimizer.safetensors")
        old = model_dir.generations()[0].folder
        model_dir.save(state, {name: lambda path, name=name: shutil.copy(old / name, path) for name in files})
        return imported

    return save


def info(dfl, models, *flags) -> str:
    code, out, _ = dfl("info", "tiny", "--models", models, *flags)
    assert code == 0
    return out


def test_info_lists_how_far_faces_lie_from_their_place(dfl, measured):
    models = measured(OFF)
    said = info(dfl, models)
    assert "off their place: src 0.4 px right, 1.1 px down; dst 0.3 px left. Previews and merging correct it." in said
    assert "measured at" not in said
    assert json.loads(info(dfl, models, "--json"))["registration"] == OFF.as_dict()
    assert "src 右 0.4 像素、下 1.1 像素；dst 左 0.3 像素" in info(dfl, models, "--lang", "zh")


def test_a_twentieth_of_a_pixel_is_in_place(dfl, measured):
    said = info(dfl, measured(RIGHT))
    assert "The model puts faces in their place.\nThis was measured at iteration 2." in said


def test_what_is_not_measured_is_named_with_what_measures_it(dfl, imported):
    assert "not measured yet. dfl merge" in info(dfl, imported)
    assert json.loads(info(dfl, imported, "--json"))["registration"] is None


def test_what_a_merge_has_measured_is_listed_while_the_weights_are_the_same(dfl, imported):
    keep(find_model(imported, "tiny"), OFF)
    assert "src 0.4 px right" in info(dfl, imported)
    model_dir = ModelDir(imported / "tiny")
    model_dir.save(model_dir.generations()[0].state(), {"weights.safetensors": lambda path: path.write_bytes(b"other")})
    assert "not measured yet" in info(dfl, imported)


def test_masks_have_no_place(dfl, tmp_path):
    model_dir = ModelDir(tmp_path / "tiny")
    model_dir.create("XSeg", {})
    state = {"iteration": 7, "model_class": "XSeg", "seed": 1, "options": {}}
    model_dir.save(state, {"weights.safetensors": lambda path: path.write_bytes(b"")})
    assert "faces" not in info(dfl, tmp_path).split("intact")[1]


def bring(dfl, folder, models, *flags) -> str:
    code, out, said = dfl("import-dfl", folder, "--name", "tiny", "--to", models, *flags)
    assert code == 0
    return out + said


def test_an_import_measures_on_faces_that_are_given_and_on_those_of_the_workspace(dfl, learned, face_folder, tmp_path):
    shutil.copytree(face_folder, tmp_path / "data_dst" / "aligned")
    said = bring(dfl, learned, tmp_path / "model", "--workspace", tmp_path, "--src", face_folder)
    assert re.search(r"off their place: src \d\.\d px right.*; dst \d\.\d px right.* correct it", said)
    saved = find_model(tmp_path / "model", "tiny")
    record = Registration.from_state(saved.state)
    faces = dict.fromkeys(("src", "dst"), open_faceset(face_folder))
    assert record.as_dict() == measure(saved.build(), faces, saved.options, iteration=103).as_dict()
    assert record.src.displacement.shift[0] > 1


def test_without_faces_an_import_names_what_measures(dfl, dfl_folder, models):
    assert "not measured yet. dfl merge" in bring(dfl, dfl_folder, models)
    saved = find_model(models, "tiny")
    assert Registration.from_state(saved.state) is None
    assert saved.options["corrected_samples"] is False  # as it learned until now


def test_faces_that_cannot_be_read_do_not_stop_an_import(dfl, dfl_folder, edit, models, tmp_path):
    edit(dfl_folder / "new_SAEHD_data.dat", lambda content: content.update(iter=103))
    empty, odd = tmp_path / "empty", tmp_path / "odd"
    for folder in (empty, odd):
        folder.mkdir()
    (odd / "00000.jpg").write_bytes(b"no picture")
    said = bring(dfl, dfl_folder, models, "--src", odd, "--dst", empty)
    assert (said.count("No faces in"), "not measured yet" in said) == (2, True)


def test_a_model_that_paints_nothing_yet_is_not_measured(dfl, dfl_folder, face_folder, models):
    assert "not measured yet" in bring(dfl, dfl_folder, models, "--src", face_folder)


def test_a_folder_of_faces_that_is_not_there_stops_an_import_before_it_begins(dfl, dfl_folder, models, tmp_path):
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "x", "--to", models, "--dst", tmp_path / "nowhere")
    assert (code, "--dst does not exist" in said, models.exists()) == (1, True, False)


def test_a_dfm_file_corrects_it_unless_that_is_not_wanted(dfl, measured, tmp_path):
    models, files = measured(OFF), [tmp_path / "corrected.dfm", tmp_path / "classic.dfm"]
    found = [
        dfl("export-dfm", "tiny", "--models", models, "--output", path, *flags)
        for path, flags in zip(files, ([], ["--classic"]), strict=True)
    ]
    assert [code for code, *_ in found] == [0, 0]
    assert all("Compared with the network on random faces" in out for _, out, _ in found)
    assert "corrects where the model puts faces: src 0.4 px right" in found[0][1]
    assert "off their place, as the model does: src 0.4 px right" in found[1][1]
    taps = [sum(one.name.startswith("taps") for one in onnx_of(path).graph.initializer) for path in files]
    assert taps == [4, 0]


def onnx_of(path):
    import onnx

    return onnx.load(path)


def test_the_dfm_file_of_a_model_in_its_place_is_the_classic_one(dfl, measured, tmp_path):
    models = measured(RIGHT)
    assert find_model(models, "tiny").build().corrections == NONE
    for name, flags in (("a", []), ("b", ["--classic"])):
        out = dfl("export-dfm", "tiny", "--models", models, "--output", tmp_path / f"{name}.dfm", *flags)[1]
        assert "puts faces in their place" in out
    assert (tmp_path / "a.dfm").read_bytes() == (tmp_path / "b.dfm").read_bytes()


def test_the_dfm_file_of_a_model_that_nobody_measured_corrects_nothing(dfl, imported, tmp_path):
    out = dfl("export-dfm", "tiny", "--models", imported, "--output", tmp_path / "a.dfm")[1]
    assert "the file does not correct it" in out
