"""What all actions that write copies have in common, and debug images, masks, enhanced faces."""

import os

import cv2
import numpy as np
import pytest

from dfl_cli.main import main
from samplers.files.dfl_image import write_face_info
from samplers.files.faces import open_faceset
from samplers.xseg.labeled_face import label
from tiny_enhancer import write_enhancer

ACTIONS = {"resize": "aligned_128", "debug-images": "aligned_landmarks", "export-masks": "aligned_masks"}
MORE = {"resize": ["--size", "128"], "debug-images": [], "export-masks": ["--hull"]}


@pytest.mark.parametrize("action", ACTIONS)
def test_broken_and_special_files_are_named_and_left_out(spoiled, dfl, action):
    done = dfl(action, spoiled, *MORE[action])
    assert (done["faces"], done["written"]) == (4, 4)
    assert {each["name"]: each["reason"].partition(":")[0] for each in done["skipped"]} == {
        "fifo.jpg": "unreadable",
        "half.jpg": "truncated",
    }


@pytest.mark.parametrize("action", ACTIONS)
def test_a_second_run_writes_only_what_is_missing(folder, dfl, action):
    dfl(action, folder, *MORE[action])
    results = sorted(path for path in folder.with_name(ACTIONS[action]).iterdir() if not path.name.startswith("."))
    before = {path: path.stat().st_mtime_ns for path in results}
    results[1].unlink()
    done = dfl(action, folder, *MORE[action])
    assert (done["written"], done["already_there"]) == (1, 3)
    assert [path for path in results if path.stat().st_mtime_ns != before[path]] == [results[1]]


def test_files_made_with_other_settings_are_replaced_only_when_asked(folder, dfl, capsys):
    out = folder.with_name("out")
    dfl("resize", folder, "--size", 128, "--output", out)
    again = ["faceset", "resize", str(folder), "--size", "200", "--output", str(out)]
    assert main(again) == 1
    said = capsys.readouterr().err
    assert "size=128" in said and "--overwrite" in said
    assert main([*again, "--overwrite"]) == 0
    assert {face.shape for face in open_faceset(out)} == {(200, 200)}
    assert main(["faceset", "debug-images", str(folder), "--output", str(out), "--overwrite"]) == 1
    assert {face.shape for face in open_faceset(out)} == {(200, 200)}


def test_files_of_the_person_and_the_face_set_itself_are_no_place_for_copies(folder, tmp_path, contents, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "holiday.jpg").write_bytes(b"a day at the sea")
    before = contents(tmp_path)
    for place in (tmp_path / "mine", folder):
        assert main(["faceset", "resize", str(folder), "--size", "128", "--output", str(place), "--overwrite"]) == 1
        assert "--output" in capsys.readouterr().err
    assert contents(tmp_path) == before


def test_persons_keep_their_folders_and_equal_stems_get_numbers(tmp_path, folder, dfl):
    (tmp_path / "people").mkdir()
    folder.rename(tmp_path / "people" / "anna")
    one = tmp_path / "people" / "anna" / "00000_0.jpg"
    os.link(one, one.with_suffix(".jpeg"))
    assert dfl("export-masks", tmp_path / "people", "--hull")["written"] == 5
    assert sorted(path.name for path in (tmp_path / "people_masks" / "anna").iterdir())[:2] == [
        "00000_0.png",
        "00000_0_2.png",
    ]


def test_a_debug_image_shows_what_is_known_and_leaves_the_face_set_alone(spotted, contents, dfl):
    before = contents(spotted)
    dfl("debug-images", spotted)
    (face,) = open_faceset(spotted)
    drawn = cv2.imread(str(spotted.with_name("spotted_landmarks") / "00001_0_debug.jpg")).astype(int)
    assert drawn.shape == (*face.shape, 3)
    x, y = np.rint(face.landmarks[8]).astype(int)  # the chin
    blue, green, red = drawn[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3).T
    assert (green - np.maximum(blue, red)).max() > 100
    assert contents(spotted) == before


def test_masks_are_exported_as_large_as_the_faces(spotted, dfl):
    dfl("export-masks", spotted)
    (face,) = open_faceset(spotted)
    mask = cv2.imread(str(spotted.with_name("spotted_masks") / "00001_0.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(mask, np.rint(face.read_xseg_mask()[..., 0] * 255))
    info = face.read_info().fields
    write_face_info(spotted / "00001_0.jpg", info | {"xseg_mask": None})
    dfl("export-masks", spotted, "--overwrite")  # now the polygons
    mask = cv2.imread(str(spotted.with_name("spotted_masks") / "00001_0.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(mask, label(open_faceset(spotted)[0])[..., 0] * 255)
    write_face_info(spotted / "00001_0.jpg", info | {"xseg_mask": None, "seg_ie_polys": None})
    assert dfl("export-masks", spotted, "--overwrite")["skipped"] == [{"name": "00001_0.jpg", "reason": "no-mask"}]
    assert dfl("export-masks", spotted, "--overwrite", "--hull")["written"] == 1


def test_an_enhanced_face_is_where_it_was_with_all_that_is_known(spotted, spots, dfl, tmp_path):
    network = write_enhancer(tmp_path / "x2.onnx", scale=2, brighter=0.1)
    assert dfl("enhance", spotted, "--network", network)["written"] == 1
    (before,), (face,) = open_faceset(spotted), open_faceset(spotted.with_name("spotted_enhanced"))
    assert face.read_info().fields.keys() == before.read_info().fields.keys()
    np.testing.assert_array_equal(face.landmarks, before.landmarks)
    assert np.mean(face.read().astype(int) - before.read()) == pytest.approx(25.5, abs=1)
    half, large = tmp_path / "half", tmp_path / "large"
    dfl("enhance", spotted, "--network", network, "--power", 50, "--output", half)
    assert np.mean(open_faceset(half)[0].read().astype(int) - before.read()) == pytest.approx(12.8, abs=1)
    dfl("enhance", spotted, "--network", network, "--size", 512, "--output", large)
    assert open_faceset(large)[0].shape == (512, 512)
    assert spots(open_faceset(large)[0]).max() < 0.3


def test_what_is_no_network_is_refused_before_anything_is_written(folder, tmp_path, capsys):
    (tmp_path / "x.onnx").write_bytes(b"nothing")
    assert main(["faceset", "enhance", str(folder), "--network", str(tmp_path / "x.onnx")]) == 1
    assert "not a network" in capsys.readouterr().err
    assert not folder.with_name("aligned_enhanced").exists()


def test_a_file_that_a_power_cut_left_empty_is_written_again(folder, dfl):
    dfl("resize", folder, "--size", 128)
    (folder.with_name("aligned_128") / "00001_0.jpg").write_bytes(b"")
    assert dfl("resize", folder, "--size", 128)["written"] == 1
    assert len(open_faceset(folder.with_name("aligned_128"))) == 4
