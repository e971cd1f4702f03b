"""`dfl faceset save-metadata` and `restore-metadata`: face data survives an image editor."""

import json
import os
import pickle

import cv2
import numpy as np
import pytest

from dfl_cli.faceset.edit.data_values import from_json, to_json
from dfl_cli.main import main
from samplers.files.dfl_image import read_fields, write_face_info
from samplers.files.faces import open_faceset
from samplers.files.pickles import safe_pickle


def edited(path, size=None):
    """What an editor leaves: the picture in another file, without face data."""
    picture = cv2.imread(str(path))
    cv2.imwrite(str(path), picture if size is None else cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA))


def fields(folder):
    """The face data of every face as it is in its file."""
    return {path.name: safe_pickle.dumps(read_fields(path.read_bytes())) for path in sorted(folder.glob("0*.jpg"))}


def test_face_data_comes_back_after_an_editor_dropped_it(folder, dfl):
    before = fields(folder)
    saved = dfl("save-metadata", folder)
    assert (saved["saved"], saved["path"]) == (4, str(folder / "metadata.jsonl"))
    for path in folder.glob("*.jpg"):
        edited(path)
    assert dfl("restore-metadata", folder)["restored"] == 4
    assert fields(folder) == before
    again = dfl("restore-metadata", folder)
    assert (again["restored"], again["unchanged"]) == (0, 4)


@pytest.mark.parametrize("size", [192, 384])
def test_a_picture_that_was_resized_gets_its_size_back_or_face_data_to_fit(spotted, spots, dfl, size):
    before = fields(spotted)
    dfl("save-metadata", spotted)
    edited(spotted / "00001_0.jpg", size)
    resized = (spotted / "00001_0.jpg").read_bytes()
    assert dfl("restore-metadata", spotted)["restored"] == 1
    assert fields(spotted) == before
    assert spots(open_faceset(spotted)[0]).max() < 0.3
    (spotted / "00001_0.jpg").write_bytes(resized)
    assert dfl("restore-metadata", spotted, "--keep-size")["restored"] == 1
    (face,) = open_faceset(spotted)
    assert face.shape == (size, size)
    assert spots(face).max() < 0.2
    assert dfl("restore-metadata", spotted, "--keep-size")["unchanged"] == 1


def test_face_data_that_changed_since_stays_unless_asked(folder, dfl):
    dfl("save-metadata", folder)
    saved = fields(folder)
    path = folder / "00001_0.jpg"
    write_face_info(path, read_fields(path.read_bytes()) | {"xseg_mask": None, "source_filename": "later.png"})
    later = fields(folder)
    assert dfl("restore-metadata", folder)["skipped"] == [{"name": "00001_0.jpg", "reason": "changed"}]
    assert fields(folder) == later
    dfl("restore-metadata", folder, "--overwrite")
    assert fields(folder) == saved


def test_saving_again_keeps_what_is_known_of_faces_that_have_lost_their_data(folder, dfl):
    before = fields(folder)
    dfl("save-metadata", folder)
    edited(folder / "00002_0.jpg")
    assert dfl("save-metadata", folder)["kept"] == 1
    dfl("restore-metadata", folder)
    assert fields(folder) == before


def test_what_is_missing_cropped_broken_or_no_file_is_named(folder, dfl):
    dfl("save-metadata", folder)
    names = sorted(path.name for path in folder.glob("*.jpg"))
    (folder / names[0]).unlink()
    cv2.imwrite(str(folder / names[1]), cv2.imread(str(folder / names[1]))[:, 60:])
    (folder / names[2]).write_bytes((folder / names[2]).read_bytes()[:3000])
    (folder / names[3]).unlink()
    os.mkfifo(folder / names[3])
    done = dfl("restore-metadata", folder)
    assert [each["reason"].partition(":")[0] for each in done["skipped"]] == [
        "gone",
        "cropped",
        "truncated",
        "unreadable",
    ]


def test_deepfacelabs_file_is_read_and_nothing_in_it_is_run(folder, capsys, dfl):
    before = fields(folder)
    old = {path.name: ((256, 256, 3), read_fields(path.read_bytes())) for path in folder.glob("*.jpg")}
    (folder / "meta.dat").write_bytes(pickle.dumps(old))
    for path in folder.glob("*.jpg"):
        edited(path)
    assert dfl("restore-metadata", folder)["restored"] == 4
    assert fields(folder) == before
    (folder / "meta.dat").write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    assert main(["faceset", "restore-metadata", str(folder)]) == 1
    assert "os.system" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["../outside.jpg", "sub/face.jpg", "face.txt", "/etc/face.jpg", "..\\outside.jpg", 7, None]
)
def test_a_file_from_others_writes_nowhere_else(folder, dfl, name):
    dfl("save-metadata", folder)
    head, line, *_ = (folder / "metadata.jsonl").read_text().splitlines()
    (folder.parent / "outside.jpg").write_bytes((folder / "00000_0.jpg").read_bytes())
    outside = (folder.parent / "outside.jpg").read_bytes()
    (folder / "metadata.jsonl").write_text(f"{head}\n{json.dumps(json.loads(line) | {'name': name})}\n")
    assert dfl("restore-metadata", folder)["restored"] == 0
    assert (folder.parent / "outside.jpg").read_bytes() == outside


def test_without_saved_metadata_the_way_to_save_it_is_shown(folder, capsys):
    assert main(["faceset", "restore-metadata", str(folder)]) == 1
    assert "save-metadata" in capsys.readouterr().err


@pytest.mark.parametrize(
    "value",
    [
        [1, 2.5, None, True, "文", [0.1]],
        (1, (2, b"\x00\xff")),
        {"a": {"b": np.float64([[0.1, 1e-300]])}},
        np.arange(6, dtype=">i4").reshape(2, 3),
        np.uint8([[1], [2]]),
        np.float32(0.1),
        {1: "a", b"x": 2},
        {"$array": "somebody's own"},
        np.zeros((0, 2), np.float32),
        np.array([True, False]),
    ],
)
def test_every_kind_of_value_survives_json(value):
    back = from_json(json.loads(json.dumps(to_json(value))))
    assert safe_pickle.dumps(back) == safe_pickle.dumps(value)
