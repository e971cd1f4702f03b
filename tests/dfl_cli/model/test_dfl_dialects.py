"""Models of DeepFaceLab's forks and of its older versions: what touches no weights refuses no import."""

import collections
import datetime
import pathlib
import pickle

import numpy as np
import pytest

from dfl_cli.store.saved_model import find_model
from samplers.files.pickles import safe_pickle

DATA = "new_SAEHD_data.dat"
CASES = {  # what a fork or an older version stored -> what is used, and a part of the line about it
    "fs-aug": ({"ct_mode": "fs-aug"}, {"ct_mode": "none"}, "ct_mode: fs-aug is not available here: using none"),
    "cc-aug": ({"ct_mode": "cc-aug"}, {"ct_mode": "none"}, "ct_mode: cc-aug"),
    "mix": ({"ct_mode": "mix"}, {"ct_mode": "rct"}, "ct_mode: mix"),
    "an unheard-of color transfer": ({"ct_mode": "reinhard2"}, {"ct_mode": "none"}, "ct_mode: reinhard2"),
    "a list": ({"ct_mode": ["rct", "lct"]}, {"ct_mode": "none"}, "ct_mode: ['rct', 'lct']"),
    "gpu": ({"lr_dropout": "gpu"}, {"lr_dropout": "y"}, "lr_dropout: gpu is called y here"),
    "yes": ({"lr_dropout": True}, {"lr_dropout": "y"}, ""),
    "custom": ({"face_type": "custom"}, {"face_type": "wf"}, "--face-type"),
    "a long name": ({"face_type": "whole_face"}, {"face_type": "wf"}, "whole_face is called wf here"),
    "a member of an enum": (
        {"face_type": safe_pickle.reference_enum("facelib.FaceType", "FaceType", 4)},
        {"face_type": "wf"},
        "whole_face is called wf here",
    ),
    "control characters": ({"face_type": "\x1b[2Jwf"}, {"face_type": "f"}, "face_type: \\x1b[2Jwf"),
    "letters twice": ({"archi": "DF-"}, {"archi": "df"}, ""),
    "numbers for yes and no": ({"clipgrad": 1, "random_warp": np.bool_(False)}, {"clipgrad": True}, ""),
    "a word for a number": ({"gan_power": "low"}, {"gan_power": 0.0}, "gan_power: low"),
    "not a number": ({"random_hsv_power": float("nan")}, {"random_hsv_power": 0.0}, "random_hsv_power: nan"),
    "a patch of no GAN": ({"gan_patch_size": "auto"}, {"gan_patch_size": 8}, "gan_patch_size: auto"),
    "text of Python 2": ({"ct_mode": b"rct"}, {"ct_mode": "rct"}, ""),
    "an array of one": ({"batch_size": np.array([6])}, {"batch_size": 6}, ""),
    "two options in the place of one": (
        {"eyes_prio": False, "mouth_prio": True},
        {"eyes_mouth_prio": True},
        "eyes_mouth_prio: y, from eyes_prio, mouth_prio",
    ),
    "one flip for both": (
        {"random_flip": True, "random_src_flip": None, "random_dst_flip": None},
        {"random_src_flip": True, "random_dst_flip": True},
        "random_src_flip: y, from random_flip",
    ),
    "a newer option beside the older": (
        {"random_flip": True},
        {"random_src_flip": False},
        "random_flip = True: replaced by a newer option",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_options_of_forks_and_older_versions_come_in_as_what_they_mean(dfl, dfl_folder, models, edit, case):
    stored, expected, line = CASES[case]
    edit(dfl_folder / DATA, lambda content: content["options"].update(stored))
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "x", "--to", models)
    options = find_model(models, "x").options
    assert code == 0, said
    assert {key: options[key] for key in expected} == expected
    assert line in said
    assert line or "Options that are different" not in said


FORK = {
    "lr": 5e-5,
    "loss_function": "SSIM",
    "use_fp16": False,
    "gan_smoothing": 0.1,
    "super_warp": True,
    "session_name": "\x1b]0;x",
    "retraining_samples": None,
    7: "seven",
}


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "Not imported; the weights do not depend on it:",
                "  lr = 5e-05: the learning rate is fixed here",
                "  loss_function = SSIM: the loss function is fixed here",
                "  use_fp16 = False: weights are always kept and trained in float32 here",
                "  gan_smoothing = 0.1: the GAN has no such setting here",
                "  super_warp = True: samples are not altered this way here",
                "  session_name = \\x1b]0;x, 7 = seven: no such option here",
                "  3, saved: unknown entries of new_SAEHD_data.dat",
            ],
        ),
        ("zh", ["以下内容未导入，权重与之无关：", "  lr = 5e-05：这里的学习率是固定的"]),
    ],
)
def test_what_has_no_place_here_is_listed_in_one_block(dfl, dfl_folder, models, edit, language, lines):
    def fork(content: dict) -> None:
        content["options"].update(FORK)
        content |= {3: 4, "saved": "2023-05-01"}

    edit(dfl_folder / DATA, fork)
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "x", "--to", models, "--lang", language)
    assert code == 0
    shown = said.splitlines()
    start = shown.index(lines[0])
    assert shown[start : start + len(lines)] == lines


def test_a_plain_model_is_imported_without_remarks(dfl, dfl_folder, models):
    assert dfl("import-dfl", dfl_folder, "--name", "x", "--to", models)[2] == ""


def test_the_part_of_the_head_can_be_said_where_the_file_does_not(dfl, dfl_folder, models, edit):
    edit(dfl_folder / DATA, lambda content: content["options"].update(face_type="custom"))
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "x", "--to", models, "--face-type", "head")
    assert (code, "custom" in said) == (0, False)
    assert find_model(models, "x").options["face_type"] == "head"


@pytest.mark.parametrize("older", ["dfuhd", "DFUHD"])
def test_the_older_name_of_an_architecture_is_understood(dfl, dfl_folder, models, edit, older):
    edit(dfl_folder / DATA, lambda content: content["options"].update(archi=older))  # u adds no weights
    assert dfl("import-dfl", dfl_folder, "--name", "x", "--to", models)[0] == 0
    assert find_model(models, "x").options["archi"] == "df-u"


def test_an_architecture_with_other_layers_is_refused_with_those_that_can_be_imported(dfl, dfl_folder, models, edit):
    edit(dfl_folder / DATA, lambda content: content["options"].update(archi="dfhd"))
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "x", "--to", models)
    assert (code, models.exists()) == (1, False)
    assert "archi dfhd" in said
    assert "dfuhd and liaeuhd" in said


@pytest.mark.parametrize("protocol", range(6))
def test_a_record_with_all_kinds_of_data_comes_in(dfl, dfl_folder, models, protocol):
    record = safe_pickle.loads((dfl_folder / DATA).read_bytes())
    record |= {
        3: "three",
        "saved": datetime.datetime(2023, 5, 1),
        "tags": {"wf", 1},
        "kept": frozenset({2}),
        "sessions": collections.OrderedDict(a=collections.defaultdict(list)),
        "folder": pathlib.PureWindowsPath("D:/workspace"),
        "note": np.str_("text"),
        "numbers": np.array([1, None], object),
        "nested": {"a": {1: {(2, 3): b"\x00"}}},
        "iter": np.float64(3),
        "loss_history": np.array(record["loss_history"]),
    }
    (dfl_folder / DATA).write_bytes(pickle.dumps(record, protocol))
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "x", "--to", models)
    assert code == 0, said
    assert "3, saved, tags, kept, sessions, folder, note, numbers, nested: unknown entries" in said
    assert len((models / "x" / "loss.csv").read_text().splitlines()) == 4


class ForkOptions:
    """A class of a fork: to make one of it, its code would have to run."""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_only_what_would_run_code_is_not_to_be_trusted(dfl, dfl_folder, models, language):
    record = safe_pickle.loads((dfl_folder / DATA).read_bytes())
    (dfl_folder / DATA).write_bytes(pickle.dumps(record | {"own": ForkOptions()}))
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "x", "--to", models, "--lang", language)
    assert (code, "ForkOptions" in said) == (1, True)
    assert {"en": "Do not trust this file.", "zh": "请勿信任此文件"}[language] in said
    (dfl_folder / DATA).write_bytes(b"]X\x01\x00\x00\x00aK\x02s.")
    code, _, said = dfl("import-dfl", dfl_folder, "--name", "x", "--to", models, "--lang", language)
    assert (code, DATA in said) == (1, True)
    assert {"en": "Do not trust this file.", "zh": "请勿信任此文件"}[language] not in said


def test_models_of_deepfacelab_1_are_named_and_not_imported(dfl, tmp_path, models):
    (tmp_path / "SAE_data.dat").write_bytes(safe_pickle.dumps({"iter": 1}))
    (tmp_path / "SAE_encoder.h5").write_bytes(b"\x89HDF")
    (tmp_path / "notes_data.dat").write_bytes(b"")
    code, _, said = dfl("import-dfl", tmp_path, "--name", "x", "--to", models)
    assert (code, "SAE_data.dat" in said, "notes_data.dat" in said) == (1, True, False)


def test_given_a_workspace_the_folder_inside_is_proposed(dfl, dfl_folder, models):
    code, _, said = dfl("import-dfl", dfl_folder.parent, "--name", "x", "--to", models)
    assert (code, str(dfl_folder) in said) == (1, True)


def test_files_that_macos_leaves_are_no_models(dfl, dfl_folder, models):
    (dfl_folder / f"._{DATA}").write_bytes(b"\x00\x05\x16\x07")
    assert dfl("import-dfl", dfl_folder, "--name", "x", "--to", models)[0] == 0
