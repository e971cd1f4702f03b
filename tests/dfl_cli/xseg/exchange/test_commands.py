"""`dfl xseg export-labels` and `import-labels`."""

import json
import os
import shutil
import signal
import sys
import time

import cv2
import numpy as np
import pytest

from dfl_cli.main import main
from face_changes import drop_labels, save_labels
from programs import running
from samplers.files.dfl_image import read_face_info, read_fields, write_fields
from samplers.files.faces import open_faceset
from samplers.geometry.polygons import Polygon, PolygonType

LABELED = ("00002_0.jpg", "00003_0.jpg")


def labels(path) -> list:
    return [(each.type, each.points.tobytes()) for each in read_face_info(path.read_bytes()).polygons]


@pytest.mark.parametrize("form", ["labelme", "coco"])
def test_labels_go_out_and_come_back_into_the_very_same_files(folder, tmp_path, dfl, form):
    before = {path.name: path.read_bytes() for path in folder.glob("*.jpg")}
    output = tmp_path / "out"
    done = dfl("export-labels", folder, "--output", output, "--format", form)
    assert (done["code"], done["faces"], done["unlabeled"]) == (0, 2, 2)
    for name in LABELED:
        drop_labels(folder / name)
    back = dfl("import-labels", folder, "--from", output)
    assert (back["code"], back["imported"], back["skipped"]) == (0, 2, [])
    for name in LABELED:
        assert labels(folder / name)
    assert {path.name: path.read_bytes() for path in folder.glob("*.jpg")} == before
    assert dfl("import-labels", folder, "--from", output)["unchanged"] == 2


def test_labelme_finds_the_pictures_from_where_its_files_are(folder, tmp_path, dfl):
    dfl("export-labels", folder, "--output", tmp_path / "project" / "labels")
    value = json.loads((tmp_path / "project" / "labels" / "00002_0.json").read_text())
    assert value["imagePath"] == "../../aligned/00002_0.jpg"
    assert (tmp_path / "project" / "labels" / value["imagePath"]).is_file()
    assert [each["label"] for each in value["shapes"]] == [
        each.type.name.lower() for each in read_face_info((folder / "00002_0.jpg").read_bytes()).polygons
    ]


def test_labels_that_are_there_stay_unless_they_may_be_replaced(folder, tmp_path, dfl):
    dfl("export-labels", folder, "--output", tmp_path / "out")
    mine = [Polygon(PolygonType.INCLUDE, np.float32([(1, 2), (3, 4), (5, 60)]))]
    save_labels(folder / LABELED[0], mine)
    kept = dfl("import-labels", folder, "--from", tmp_path / "out")
    assert (kept["code"], kept["kept"], kept["unchanged"]) == (0, [LABELED[0]], 1)
    assert labels(folder / LABELED[0]) == [(1, mine[0].points.tobytes())]
    assert dfl("import-labels", folder, "--from", tmp_path / "out", "--replace")["imported"] == 1
    assert labels(folder / LABELED[0]) != [(1, mine[0].points.tobytes())]


def test_an_import_can_be_undone(folder, tmp_path, dfl):
    dfl("export-labels", folder, "--output", tmp_path / "out")
    mine = [Polygon(PolygonType.INCLUDE, np.float32([(1, 2), (3, 4), (5, 60)]))]
    save_labels(folder / LABELED[0], mine)
    drop_labels(folder / LABELED[1])
    before = {path.name: path.read_bytes() for path in folder.glob("*.jpg")}
    assert dfl("import-labels", folder, "--undo")["code"] == 1
    assert dfl("import-labels", folder, "--from", tmp_path / "out", "--replace")["imported"] == 2
    assert dfl("import-labels", folder, "--undo")["restored"] == 2
    assert {path.name: path.read_bytes() for path in folder.glob("*.jpg")} == before
    assert dfl("import-labels", folder, "--from", tmp_path / "out")["kept"] == [LABELED[0]]


def test_files_of_an_earlier_export_are_replaced_only_if_that_is_allowed(folder, tmp_path, dfl):
    for form, output in (("labelme", tmp_path / "out"), ("coco", tmp_path / "out.json")):
        dfl("export-labels", folder, "--output", output, "--format", form)
        file = output / "00002_0.json" if form == "labelme" else output
        edited = file.read_text().replace("include", "INCLUDE")
        file.write_text(edited)
        refused = dfl("export-labels", folder, "--output", output, "--format", form)
        assert refused["code"] == 1
        assert "--overwrite" in refused["error"]
        assert file.read_text() == edited
        assert dfl("export-labels", folder, "--output", output, "--format", form, "--overwrite")["code"] == 0
        assert file.read_text() != edited
    assert dfl("export-labels", folder, "--output", tmp_path / "out")["code"] == 0  # nothing would change


def test_masks_are_exported_where_there_are_no_polygons(folder, tmp_path, dfl):
    done = dfl("export-labels", folder, "--output", tmp_path / "c.json", "--format", "coco", "--masks")
    assert (done["faces"], done["masks"]) == (3, 1)
    back = dfl("import-labels", folder, "--from", tmp_path / "c.json")
    assert (back["imported"], back["unchanged"]) == (1, 2)
    face = open_faceset(folder)[1]
    assert face.polygons


def test_broken_and_foreign_files_are_named_and_the_others_go_on(folder, tmp_path, dfl):
    source = tmp_path / "out"
    dfl("export-labels", folder, "--output", source)
    drop_labels(folder / LABELED[0])
    (source / "cut.json").write_text('{"shapes": [')
    (source / "deep.json").write_text("[" * 100_000)
    (source / "other.json").write_text('{"cats": 3}')
    (source / "stranger.json").write_text('{"shapes": [], "imagePath": "../../../etc/passwd"}')
    (source / "hand.json").write_text((source / "00003_0.json").read_text().replace('"include"', '"hand"'))
    os.mkfifo(source / "pipe.json")
    done = dfl("import-labels", folder, "--from", source)
    assert (done["code"], done["imported"], done["unchanged"]) == (0, 1, 1)
    reasons = {each["name"]: each["reason"] for each in done["skipped"]}
    assert set(reasons) >= {"cut.json", "deep.json", "other.json", "pipe.json", "../../../etc/passwd"}
    assert "no face has this name" in reasons["../../../etc/passwd"]
    assert any("a second file" in reason or "hand" in reason for reason in reasons.values())


def test_a_label_nobody_explained_is_not_half_imported(folder, tmp_path, dfl):
    square = [[1, 1], [90, 1], [90, 90], [1, 90]]
    shapes = [{"label": "include", "points": square}, {"label": "hand", "points": square[:3]}]
    file = tmp_path / "00000_0.json"
    file.write_text(json.dumps({"shapes": shapes, "imagePath": None}))
    refused = dfl("import-labels", folder, "--from", file)
    assert refused["code"] == 1
    assert "hand" in refused["skipped"][0]["reason"]
    assert labels(folder / "00000_0.jpg") == []
    assert not (folder / ".dfl-xseg").exists()
    done = dfl("import-labels", folder, "--from", file, "--map", "hand=exclude")
    assert (done["code"], done["imported"]) == (0, 1)
    assert [kind for kind, _ in labels(folder / "00000_0.jpg")] == [1, 0]
    assert dfl("import-labels", folder, "--from", file, "--map", "hand=maybe")["code"] == 1


def test_labels_of_an_enlarged_picture_fit_the_face_and_those_of_another_shape_do_not(folder, tmp_path, dfl):
    square = [[100, 100], [500, 100], [500, 500]]
    value = {"shapes": [{"label": "include", "points": square}], "imagePath": "00000_0.png", "imageWidth": 1024}
    file = tmp_path / "a.json"
    file.write_text(json.dumps(value | {"imageHeight": 768}))
    assert "1024x768" in dfl("import-labels", folder, "--from", file)["skipped"][0]["reason"]
    file.write_text(json.dumps(value | {"imageHeight": 1024}))
    assert dfl("import-labels", folder, "--from", file)["scaled"] == ["00000_0.jpg"]
    (polygon,) = read_face_info((folder / "00000_0.jpg").read_bytes()).polygons
    assert polygon.points.tolist() == [[25, 25], [125, 25], [125, 125]]


def test_faces_of_the_same_name_are_distinguished_by_folder_and_size(folder, tmp_path, dfl):
    people = tmp_path / "people"
    for person in ("anna", "bert"):
        (people / person).mkdir(parents=True)
        shutil.copy(folder / "00000_0.jpg", people / person / "a.jpg")
    small = cv2.imencode(".jpg", cv2.resize(cv2.imread(str(folder / "00000_0.jpg")), (128, 128)))[1].tobytes()
    fields = read_fields((folder / "00000_0.jpg").read_bytes())
    halved = {**fields, "landmarks": (np.float64(fields["landmarks"]) / 2).tolist()}
    (people / "bert" / "a.jpg").write_bytes(write_fields(small, halved))
    shapes = [{"label": "include", "points": [[1, 1], [90, 1], [90, 90]]}]
    file = tmp_path / "a.json"
    for picture, size, owner in (("x/bert/a.jpg", 256, "bert"), ("bert\\a.jpg", 128, "bert"), ("a.jpg", 256, "anna")):
        for person in ("anna", "bert"):
            drop_labels(people / person / "a.jpg")
        file.write_text(json.dumps({"shapes": shapes, "imagePath": picture, "imageWidth": size, "imageHeight": size}))
        assert dfl("import-labels", people, "--from", file)["imported"] == 1
        assert labels(people / owner / "a.jpg")
    assert dfl("import-labels", people, "--undo")["restored"] == 1
    assert not labels(people / "anna" / "a.jpg")
    assert dfl("import-labels", people, "--from", file)["imported"] == 1
    file.write_text(json.dumps({"shapes": shapes, "imagePath": "a.jpg"}))
    assert "2 faces" in dfl("import-labels", people, "--from", file)["skipped"][0]["reason"]
    assert dfl("export-labels", people, "--output", tmp_path / "out")["faces"] == 1
    assert (tmp_path / "out" / "anna" / "a.json").is_file()


def test_packed_faces_are_exported_but_not_changed(folder, tmp_path, dfl):
    assert main(["faceset", "pack", str(folder), "--delete-originals"]) == 0
    assert dfl("export-labels", folder, "--output", tmp_path / "out")["faces"] == 2
    refused = dfl("import-labels", folder, "--from", tmp_path / "out")
    assert refused["code"] == 1
    assert "unpack" in refused["error"]


def test_a_place_without_labels_is_reported(folder, tmp_path, dfl):
    assert "Check the path." in dfl("import-labels", folder, "--from", tmp_path / "none")["error"]
    (tmp_path / "empty").mkdir()
    assert "labelme" in dfl("import-labels", folder, "--from", tmp_path / "empty")["error"]


def test_a_person_sees_what_became_of_the_labels(folder, tmp_path, capsys):
    assert main(["xseg", "export-labels", str(folder), "--output", str(tmp_path / "out")]) == 0
    assert "Exported the labels of 2 faces" in capsys.readouterr().out
    assert main(["xseg", "import-labels", str(folder), "--from", str(tmp_path / "out")]) == 0
    assert "2 faces have these labels already." in capsys.readouterr().out
    assert main(["xseg", "import-labels", str(folder), "--from", str(tmp_path / "out"), "--lang", "zh"]) == 0
    assert "2 张人脸已有相同标注" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one program")
def test_ctrl_c_leaves_whole_files(folder, tmp_path):
    shapes = [{"label": "include", "points": [[1, 1], [90, 1], [90, 90]]}]
    original = (folder / "00000_0.jpg").read_bytes()
    source, count = tmp_path / "labels", 600
    source.mkdir()
    for number in range(count):
        (folder / f"a{number:03}.jpg").write_bytes(original)
        (source / f"a{number:03}.json").write_text(json.dumps({"shapes": shapes, "imagePath": f"a{number:03}.jpg"}))
    line = [sys.executable, "-m", "dfl_cli.main", "xseg", "import-labels", str(folder), "--from", str(source)]
    with running(line) as program:
        while (folder / "a003.jpg").read_bytes() == original and program.poll() is None:
            time.sleep(0.01)
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=60)
    assert program.returncode == 130
    found = [labels(folder / f"a{number:03}.jpg") for number in range(count)]
    assert 3 < sum(map(bool, found)) < count
    assert not [path.name for path in folder.iterdir() if path.name.endswith(".partial")]
