"""`dfl xseg apply`: masks go into the files, and everything can be undone, resumed and looked at."""

import argparse
import signal

import cv2
import numpy as np
import pytest

from bright_masks import MOST, save_model
from dfl_cli.main import main
from dfl_cli.xseg.apply.command import chosen_face_type
from dfl_cli.xseg.history import FOLDER
from dfl_cli.xseg.predict import Facts, MaskNetwork
from face_changes import save_labels, save_mask
from kill_points import runs
from samplers.files.dfl_image import read_face_info, write_fields
from samplers.files.faces import open_faceset
from samplers.geometry.face_types import FaceType

pytestmark = pytest.mark.usefixtures("bright")
MODULES = "bright_masks_in_place dfl_cli.xseg.apply.command dfl_cli.xseg.apply.run dfl_cli.xseg.apply.sheet dfl_cli.xseg.apply.report_text"


def masks(folder):
    return {face.name: face.read_xseg_mask() for face in open_faceset(folder)}


def test_every_face_gets_a_mask_and_keeps_its_picture_and_labels(folder, models, xseg, unpickled):
    pictures = {face.name: face.read() for face in open_faceset(folder)}
    labels = str(unpickled(folder / "00002_0.jpg")["seg_ie_polys"])
    code, facts, errors = xseg("apply", folder, "--cpu")
    assert (code, facts["model"], facts["face_type"]) == (0, "XSeg", "wf")
    assert (facts["faces"], facts["applied"], facts["replaced"], facts["up_to_date"]) == (4, 4, 0, 0)
    for name, mask in masks(folder).items():
        assert mask.shape == (256, 256, 1) and set(np.unique(mask)) == {0, 1}, name
    bright = pictures["00000_0.jpg"].mean(axis=-1) >= 127.5
    np.testing.assert_array_equal(masks(folder)["00000_0.jpg"][..., 0], bright)
    for face in open_faceset(folder):
        np.testing.assert_array_equal(face.read(), pictures[face.name])
    assert str(unpickled(folder / "00002_0.jpg")["seg_ie_polys"]) == labels
    assert errors == ""


def test_a_second_run_finds_nothing_to_do_until_something_changes(folder, models, xseg, contents):
    xseg("apply", folder, "--cpu")
    applied = contents(folder)
    save_labels(folder / "00004_0.jpg", [])
    code, facts, _ = xseg("apply", folder, "--cpu")
    assert (code, facts["applied"], facts["up_to_date"]) == (0, 0, 4)
    assert len(facts["least_sure"]) == 4
    brighter(folder / "00002_0.jpg")
    save_mask(folder / "00003_0.jpg", np.ones((256, 256)))
    facts = xseg("apply", folder, "--cpu")[1]
    assert (facts["applied"], facts["replaced"], facts["up_to_date"]) == (2, 2, 2)
    assert contents(folder)["00003_0.jpg"] == applied["00003_0.jpg"] != contents(folder)["00002_0.jpg"]


def brighter(path):
    """Another picture with the same face data."""
    jpeg = path.read_bytes()
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    encoded = cv2.imencode(".jpg", cv2.add(picture, (60, 60, 60, 0)))[1].tobytes()
    path.write_bytes(write_fields(encoded, read_face_info(jpeg).fields))


def test_another_network_replaces_the_masks_and_undo_brings_them_back(folder, models, xseg, contents):
    plain = contents(folder)
    xseg("apply", folder, "--cpu")
    first = contents(folder)
    save_model(models, "Nacht", darkest=0.2)
    facts = xseg("apply", folder, "--cpu", "--name", "Nacht")[1]
    assert (facts["model"], facts["applied"], facts["replaced"]) == ("Nacht", 4, 4)
    assert contents(folder) != first
    assert xseg("apply", folder, "--undo")[1]["restored"] == 4
    assert contents(folder) == first
    assert xseg("apply", folder, "--undo")[1]["restored"] == 4
    assert contents(folder) == plain and not (folder / FOLDER).exists()


def test_a_run_killed_at_any_moment_loses_nothing_and_is_taken_up_again(
    tmp_path, folder, models, xseg, contents, copy_of
):
    for name in ("00000_0.jpg", "00004_0.jpg"):
        save_mask(folder / name, np.eye(64))
    old = contents(folder)
    finished = copy_of(folder, "finished")
    xseg("apply", finished, "--cpu", "--models", models)
    new = contents(finished)
    at, code, least = 0, -signal.SIGKILL, 4
    with runs(tmp_path / "log", MODULES) as dfl_runs:
        while code == -signal.SIGKILL:
            at += 1
            killed = copy_of(folder, f"killed{at}")
            line = ["xseg", "apply", killed, "--cpu", "--models", models]
            code = dfl_runs.run(*line, root=killed, at=at)
            now = contents(killed)
            assert all(now[name] in (old[name], new[name]) for name in old), at
            done = sum(now[name] == new[name] for name in old)
            _, facts, _ = xseg("apply", killed, "--cpu", "--models", models)
            assert (facts["applied"], facts["up_to_date"]) == (4 - done, done), at
            assert contents(killed) == new, at
            assert not list(killed.glob(".*.partial")), at
            xseg("apply", killed, "--undo")
            assert contents(killed) == old, at
            least = min(least, facts["applied"])
    assert (code, least, at > 15) == (0, 0, True)


def test_ctrl_c_while_masks_are_written_leaves_whole_files(tmp_path, folder, models, contents, copy_of, xseg):
    finished = copy_of(folder, "finished")
    xseg("apply", finished, "--cpu", "--models", models)
    with runs(tmp_path / "log", MODULES) as dfl_runs:
        number = dfl_runs.start("xseg", "apply", folder, "--cpu", root=folder, at=10, by=signal.SIGINT)
        assert dfl_runs.wait(number) == 130
    assert not list(folder.glob(".*.partial"))
    assert xseg("apply", folder, "--cpu")[0] == 0
    assert contents(folder) == contents(finished)


def test_a_full_disk_ends_it_with_everything_whole(tmp_path, folder, models, contents):
    old = contents(folder)
    with runs(tmp_path / "log", MODULES) as dfl_runs:
        number = dfl_runs.start("xseg", "apply", folder, "--cpu", root=folder, largest_file=12_000)
        assert dfl_runs.wait(number) == 1
    now = contents(folder)
    assert now.keys() == old.keys() and any(now[name] == old[name] for name in old)
    assert not list(folder.glob(".*.partial"))


def test_when_memory_runs_out_fewer_faces_go_at_once(folder, models, xseg, copy_of, contents, monkeypatch):
    other = copy_of(folder)
    xseg("apply", other, "--cpu", "--models", models)
    monkeypatch.setenv(MOST, "1")
    _, facts, errors = xseg("apply", folder, "--cpu")
    assert facts["applied"] == 4 and "Continuing with 1 face at once" in errors
    assert contents(folder) == contents(other)
    monkeypatch.setenv(MOST, "0")
    xseg("apply", folder, "--undo")
    code, _, errors = xseg("apply", folder, "--cpu")
    assert code == 1 and "Masks already applied are kept." in errors


def test_broken_faces_are_named_and_the_others_get_masks(folder, models, xseg):
    path = folder / "00002_0.jpg"
    path.write_bytes(path.read_bytes()[:9000])
    (folder / "holiday.jpg").write_bytes(cv2.imencode(".jpg", np.zeros((8, 8, 3), np.uint8))[1].tobytes())
    code, facts, errors = xseg("apply", folder, "--cpu")
    assert (code, facts["applied"], [one["name"] for one in facts["skipped"]]) == (0, 3, ["00002_0.jpg", "holiday.jpg"])
    assert "Skipped 00002_0.jpg: the file is truncated" in errors and "Skipped holiday.jpg" in errors


def test_the_sheet_shows_the_worst(folder, models, xseg, tmp_path):
    facts = xseg("apply", folder, "--cpu")[1]
    assert facts["sheet"] == str(folder.with_name("aligned_masks") / "masks.jpg")
    drawn = cv2.imread(facts["sheet"])
    wanted = tmp_path / "worst.png"
    facts = xseg("apply", folder, "--cpu", "--sheet", wanted)[1]
    assert cv2.imread(str(wanted)).shape == drawn.shape
    values = [one["confidence"] for one in facts["least_sure"]]
    assert values == sorted(values) and values[0] >= 0 and values[-1] <= 0.5
    code, _, errors = xseg("apply", folder, "--cpu", "--sheet", wanted)
    assert code == 1 and "already exists" in errors
    assert xseg("apply", folder, "--cpu", "--sheet", wanted, "--overwrite")[0] == 0


def test_the_face_type_decides_what_the_network_sees(folder, models, xseg, contents, copy_of):
    other = copy_of(folder)
    xseg("apply", folder, "--cpu")
    facts = xseg("apply", other, "--cpu", "--models", models, "--face-type", "same")[1]
    assert facts["face_type"] == "same"
    now, then = contents(folder), contents(other)
    assert [name for name in now if now[name] != then[name]] == ["00003_0.jpg", "00004_0.jpg"]  # are no whole faces


def test_a_model_in_pretraining_paints_no_masks(folder, models, xseg):
    save_model(models, "young", pretrain=True)
    code, _, errors = xseg("apply", folder, "--name", "young")
    assert code == 1 and "young is in pretraining" in errors


def test_without_models_the_flag_is_named(folder, xseg):
    code, _, errors = xseg("apply", folder)
    assert code == 1 and "--models is missing" in errors


def test_a_person_reads_what_was_done(folder, models, capsys):
    assert main(["xseg", "apply", str(folder), "--cpu"]) == 0
    said = capsys.readouterr().out
    assert "4 masks applied by XSeg." in said and f"To undo: dfl xseg apply {folder} --undo" in said


def nameless(**facts) -> MaskNetwork:
    """A network of DeepFaceLab's without XSeg_data.dat."""
    return MaskNetwork(Facts("XSeg", None, facts.get("face_type"), "", {}), dict)


def test_the_face_type_is_asked_only_where_the_files_do_not_say_it(typed, capsys):
    args = argparse.Namespace(face_type=None)
    assert chosen_face_type(args, nameless(face_type=FaceType.HEAD), typed()) is FaceType.HEAD
    assert chosen_face_type(args, nameless(), typed("MF")) is FaceType.MIDFULL
    assert chosen_face_type(args, nameless(), typed("")) is None
    assert chosen_face_type(args, nameless(), None) is None
    assert "faces are used as they are" in capsys.readouterr().err
    assert chosen_face_type(argparse.Namespace(face_type="f"), nameless(), typed()) is FaceType.FULL


def test_masks_of_a_killed_run_of_another_kind_are_not_taken_for_those_of_this_one(folder, models, xseg):
    xseg("apply", folder, "--cpu")
    assert xseg("apply", folder, "--cpu", "--smooth", "2")[1]["applied"] == 4
    assert xseg("apply", folder, "--cpu", "--smooth", "2")[1]["applied"] == 0
    assert xseg("apply", folder, "--cpu")[1]["applied"] == 4
