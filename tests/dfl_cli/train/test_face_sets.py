"""Which folders of faces a training needs, and what happens where one is missing or empty."""

import argparse
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.classes.xseg import XSEG
from dfl_cli.errors import UserError
from dfl_cli.registration.record import Registration, Side
from dfl_cli.store.generation import Generation
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import SavedModel
from dfl_cli.store.state import State
from dfl_cli.train.face_sets import coverage_lines, faces_remarks, find_face_folders, load_faces
from dfl_cli.translate import set_language
from samplers.geometry.displacement import Displacement

FACE = "00000_0.jpg"


@pytest.fixture
def workspace(fixtures, tmp_path) -> Path:
    """One labeled face of src, and no folder of dst."""
    folder = tmp_path / "data_src" / "aligned"
    folder.mkdir(parents=True)
    shutil.copy(fixtures / "xseg" / "faces" / FACE, folder)
    return tmp_path


def asked(workspace, **given) -> argparse.Namespace:
    return argparse.Namespace(**{"workspace": workspace, "src": None, "dst": None, "pretraining": None, **given})


def plan(known, folders, **options) -> SimpleNamespace:
    return SimpleNamespace(
        known=known, face_folders=folders, pretraining=folders.get("src"), prefer="pack", saved=None, shows_coverage=True,
        options={"face_type": "wf", "pretrain": False, "held_out": 10.0, **options},
    )  # fmt: skip


def test_masks_are_learned_from_one_set_alone_a_swap_needs_both(workspace):
    src = workspace / "data_src" / "aligned"
    assert find_face_folders(asked(workspace), XSEG) == {"src": src}
    assert find_face_folders(asked(None, dst=src), XSEG) == {"dst": src}
    with pytest.raises(UserError, match="--dst does not exist"):
        find_face_folders(asked(workspace), SAEHD)


def test_a_folder_that_was_given_has_to_be_there(workspace):
    with pytest.raises(UserError, match="--dst does not exist"):
        find_face_folders(asked(workspace, dst=workspace / "nowhere"), XSEG)


def test_without_any_folder_the_missing_one_is_named(tmp_path):
    with pytest.raises(UserError, match="--src is missing"):
        find_face_folders(asked(None), XSEG)
    with pytest.raises(UserError, match="--src does not exist"):
        find_face_folders(asked(tmp_path), XSEG)
    assert find_face_folders(asked(tmp_path, pretraining=tmp_path), XSEG) == {}


def test_an_empty_folder_is_mentioned_and_stops_only_who_needs_it(workspace, capsys):
    (workspace / "data_dst" / "aligned").mkdir(parents=True)
    folders = find_face_folders(asked(workspace), XSEG)
    assert list(load_faces(plan(XSEG, folders))) == ["src"]
    assert f"No faces in {workspace / 'data_dst' / 'aligned'}." in capsys.readouterr().err
    with pytest.raises(UserError, match="No faces in"):
        load_faces(plan(SAEHD, folders))
    with pytest.raises(UserError, match="No faces in"):
        load_faces(plan(XSEG, {"dst": folders["dst"]}))


def test_pretraining_takes_its_own_set_for_both(workspace):
    faces = load_faces(plan(XSEG, {"src": workspace / "data_src" / "aligned"}, pretrain=True))
    assert faces["src"] is faces["dst"] and len(faces["src"]) == 1


def test_what_to_know_before_training(workspace):
    folders = find_face_folders(asked(workspace), XSEG)
    masks, swap = plan(XSEG, folders), plan(SAEHD, folders)
    one, two = load_faces(masks), {side: load_faces(masks)["src"] for side in ("src", "dst")}
    assert faces_remarks(masks, one) == ["1 labeled face of 1."]
    assert faces_remarks(swap, two) == [] and len(coverage_lines(swap, two)) == 2
    assert coverage_lines(swap, {"src": one["src"], "dst": one["src"]}) == coverage_lines(masks, one) == []


def test_faces_that_are_held_out_are_counted_and_not_trained_on(workspace):
    folder = workspace / "data_src" / "aligned"
    (first,) = folder.glob("*.jpg")
    for number in range(5):
        shutil.copy(first, folder / f"more{number}.jpg")
    folders = {"src": folder, "dst": folder}
    half, whole = plan(SAEHD, folders, hold_out=2), plan(SAEHD, folders)
    assert [len(faces) for faces in load_faces(half).values()] == [3, 3]
    line = "1 in 2 faces is held out of training; trained on: 3 faces of src, 3 of dst."
    assert line in faces_remarks(half, load_faces(half))
    assert [len(faces) for faces in load_faces(whole).values()] == [6, 6]
    assert line not in faces_remarks(whole, load_faces(whole))


@pytest.mark.parametrize(
    ("down", "corrected", "mentioned"),
    [(1.1, False, True), (0.01, False, False), (None, False, False), (1.1, True, False)],
)
def test_a_model_that_learned_to_put_faces_off_their_place_is_mentioned(workspace, down, corrected, mentioned):
    correction = (0.0, -down if down and down > 0.05 else 0.0)
    record = (
        down and Registration(900, Side(Displacement((0.02, down), (0.1, 0.1), 1.0, 0.0, 32), correction)).as_dict()
    )
    state = State.of(model_class="SAEHD", iteration=1000, seed=1, options={}, registration=record)
    faces = dict.fromkeys(("src", "dst"), load_faces(plan(XSEG, find_face_folders(asked(workspace), XSEG)))["src"])
    found = plan(SAEHD, {}, corrected_samples=corrected)
    found.saved = SavedModel(ModelDir(workspace / "tiny"), Generation(workspace / "tiny"), state)
    said = faces_remarks(found, faces)
    assert [("off their place: src 1.1 px down." in line, "--corrected-samples y" in line) for line in said] == [
        (True, True)
    ] * mentioned
    set_language("zh")
    assert ["src 下 1.1 像素。" in line for line in faces_remarks(found, faces)] == [True] * mentioned
