"""Merging with a model that puts faces beside their place: known from its save, or measured first."""

import argparse
import json
import shutil

import cv2
import numpy as np
import pytest

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.errors import UserError
from dfl_cli.frames import read_frame
from dfl_cli.merge.command import add_arguments, run
from dfl_cli.merge.predictor import ModelPredictor, SwapNetwork, known_corrections
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import SavedModel, find_model
from fixed_painter import DIMS, painting
from models.classes.corrections import NONE
from models.subpixel import moved
from samplers.files.dfl_image import write_face_info
from samplers.files.faces import open_faceset
from samplers.geometry.face_types import FaceType
from samplers.prepared_face import prepare
from saves import sealed

BESIDE = (0.6, -1.1)  # pixels of 64 that the models here put faces beside their place
SIDE = {"shift": list(BESIDE), "spread": [0.1, 0.1], "scale": 1.0, "turn": 0.0, "faces": 32}
SIDE["correction"] = [-BESIDE[0], -BESIDE[1]]
FACE = "00000_0.jpg"


@pytest.fixture(scope="module")
def options() -> dict:
    return ask_table(SAEHD.table, given=DIMS, ask_now=False, facts={"smallest_gpu_bytes": 0, "device_count": 1})


@pytest.fixture(scope="module")
def start(options) -> dict[str, np.ndarray]:
    from models.engine.runtime import prepare as prepare_devices

    prepare_devices("cpu")
    return SAEHD.network.build(options, seed=1).weights()


@pytest.fixture(scope="module")
def painter(start, fixtures) -> dict[str, np.ndarray]:
    """Weights that paint the face of src, beside its place, over every face."""
    face = prepare(open_faceset(fixtures / "samplers" / "faces")[0], 64, FaceType.WHOLE, smooth=True)
    gray = cv2.cvtColor(np.clip(face.image, 0, 1), cv2.COLOR_BGR2GRAY)
    return painting(start, moved(gray[None, ..., None], BESIDE)[0])


@pytest.fixture(scope="module")
def noise(start) -> dict[str, np.ndarray]:
    """Weights that make something else of every picture."""
    rng = np.random.default_rng(1)
    return {key: array + rng.normal(0, 0.05, array.shape).astype(np.float32) for key, array in start.items()}


@pytest.fixture
def workspace(tmp_path, recorded, fixtures):
    """A frame with a face, and a face of src."""
    frames, src = tmp_path / "data_dst", tmp_path / "src"
    for folder in (frames / "aligned", src, tmp_path / "model"):
        folder.mkdir(parents=True)
    cv2.imwrite(str(frames / "0.png"), recorded.frame)
    aligned = frames / "aligned" / "0_0.jpg"
    cv2.imwrite(str(aligned), np.full((64, 64, 3), 128, np.uint8))
    known = {"face_type": "whole_face", "landmarks": (recorded.landmarks / 3).tolist(), "source_filename": "0.png"}
    write_face_info(aligned, known | {"source_landmarks": recorded.landmarks.tolist()})
    shutil.copy(fixtures / "samplers" / "faces" / FACE, src)
    return tmp_path


@pytest.fixture
def save(workspace, options):
    """Makes a model, or saves it again."""

    def save(weights, **state) -> ModelDir:
        from models.weights import save as write

        model_dir = ModelDir(workspace / "model" / "beside")
        if not model_dir.folder.exists():
            model_dir.create("SAEHD", DIMS)
        known = {"model_class": "SAEHD", "iteration": 7, "seed": 1, "options": options}
        model_dir.save(known | state, {"weights.safetensors": lambda path: write(path, weights)})
        return model_dir

    return save


@pytest.fixture
def merge(workspace, capsys):
    """Merges; returns what was printed."""

    def merge(*flags) -> str:
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        arguments = ["--workspace", workspace, "--batch", "--cpu", "--mode", "raw-predict", *flags]
        assert run(parser.parse_args([*map(str, arguments)])) == 0
        said = capsys.readouterr()
        return said.out + said.err

    return merge


def merged(workspace) -> np.ndarray:
    return read_frame(workspace / "data_dst" / "merged" / "0.png").astype(int)


def measured(workspace) -> dict:
    return json.loads((workspace / "model" / "beside" / "registration.json").read_text())["registration"]


def with_registration(**sides) -> dict:
    return {"registration": {"iteration": 7, "src": SIDE, "dst": None, **sides}}


def test_a_swap_is_that_of_the_face_moved_to_where_the_model_looks_for_it(workspace, save, noise):
    save(noise, **with_registration())
    saved = find_model(workspace / "model", "beside")
    predictor = ModelPredictor(SwapNetwork(saved), corrections=known_corrections(saved))
    faces = np.random.default_rng(0).random((2, 64, 64, 3), np.float32)
    corrected, as_learned = predictor.predict(faces), predictor.predict(faces, corrected=False)
    model = saved.build(corrected=False)
    model.corrections = NONE
    there = (-BESIDE[0], -BESIDE[1])
    assert np.allclose(corrected[0], model.swap(moved(faces, there)).bgr, rtol=0, atol=1e-6)
    assert np.allclose(as_learned[0], model.swap(faces).bgr, rtol=0, atol=1e-6)
    assert not np.allclose(corrected[0], as_learned[0], rtol=0, atol=1e-3)


def test_classic_frames_are_not_corrected(workspace, save, merge, noise):
    save(noise)
    assert "not known where beside puts faces" in merge()
    plain = merged(workspace)
    assert "puts" not in merge("--classic", "--again")
    classic = merged(workspace)
    save(noise, **with_registration())
    said = merge("--again")
    assert "moved by -0.60 / +1.10 px (right / down, at 64 px)" in said
    assert np.abs(merged(workspace) - plain).max() > 2
    assert "puts" not in merge("--classic", "--again")
    assert np.array_equal(merged(workspace), classic)


def test_frames_are_merged_again_when_the_correction_changes_and_only_then(workspace, save, merge, noise):
    save(noise, **with_registration())
    merge()
    assert "Nothing to do" in merge()
    save(noise, **with_registration(src=SIDE | {"spread": [0.3, 0.3], "faces": 31}))
    assert "Nothing to do" in merge()
    save(noise, **with_registration(src=SIDE | {"correction": [-0.6, 1.2]}))
    assert "1 frame merged" in merge()
    save(noise, **with_registration(src=SIDE | {"correction": [0.0, 0.0]}))
    assert "moved by" not in (said := merge()) and "1 frame merged" in said
    merge("--classic")
    save(noise, **with_registration())
    assert "Nothing to do" in merge("--classic")


def test_a_model_that_was_not_measured_is_measured_once(workspace, save, merge, painter, monkeypatch):
    save(painter)
    said = merge("--src", workspace / "src")
    assert "Measuring where beside puts faces." in said and "1 frame merged" in said
    found = measured(workspace)
    assert np.allclose(found["src"]["shift"], BESIDE, rtol=0, atol=0.1)
    assert found["dst"] is None  # a gray picture: nothing can be compared
    monkeypatch.delattr(SavedModel, "build")  # whoever builds the network fails
    assert "Nothing to do" in (said := merge("--src", workspace / "src")) and "Measuring" not in said
    assert "Nothing to do" in merge()


def test_a_damaged_file_is_measured_again_and_one_of_other_weights_too(workspace, save, merge, painter):
    save(painter)
    merge("--src", workspace / "src")
    file, found = workspace / "model" / "beside" / "registration.json", measured(workspace)
    for content in ("{", json.dumps({"weights": "0", "registration": found})):
        file.write_text(content)
        assert "Measuring" in (said := merge("--src", workspace / "src")) and "Nothing to do" in said
        assert measured(workspace) == found


def test_where_nothing_can_be_kept_the_same_is_measured_every_time(workspace, save, merge, painter):
    save(painter)
    (workspace / "model" / "beside" / "registration.json").mkdir()  # no file can be put in its place
    assert "1 frame merged" in merge("--src", workspace / "src")
    assert "Measuring" in (said := merge("--src", workspace / "src")) and "Nothing to do" in said


def test_the_faces_of_src_are_those_of_the_workspace(workspace, save, merge, painter):
    save(painter)
    aligned = workspace / "data_src" / "aligned"
    aligned.mkdir(parents=True)
    said = merge()
    assert "No faces in" in said and "not known where beside puts faces" in said and "1 frame merged" in said
    shutil.copy(workspace / "src" / FACE, aligned)
    assert "Measuring where beside puts faces." in merge()


def test_a_folder_of_src_that_is_not_there_is_an_error(workspace, save, merge, painter):
    save(painter)
    with pytest.raises(UserError, match="--src"):
        merge("--src", workspace / "nowhere")


def test_a_model_that_paints_no_face_is_merged_without_correction(workspace, save, merge, start):
    save(painting(start, np.full((64, 64), 0.5, np.float32)))
    said = merge("--src", workspace / "src")
    assert "Cannot measure where beside puts faces" in said and "1 frame merged" in said
    assert not (workspace / "model" / "beside" / "registration.json").exists()


def test_a_registration_with_absurd_numbers_makes_a_save_damaged_not_the_merge(workspace, save, merge, noise):
    save(noise)
    newest = save(noise, **with_registration()).newest()[0]
    state = newest.state()
    state["registration"]["src"]["shift"] = [1e9, 0]
    (newest.folder / "state.json").write_text(json.dumps(state))
    sealed(newest.folder)
    assert "1 frame merged" in merge()
