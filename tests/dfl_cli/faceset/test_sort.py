"""`dfl faceset sort` as a person uses it."""

import json

import cv2
import numpy as np
import pytest

from dfl_cli.faceset.orders.names import ALIASES, NAMES
from dfl_cli.faceset.orders.rank import ORDERS
from dfl_cli.main import main
from samplers.files.dfl_image import read_fields, write_face_info

ALL = {f"0000{number}_0.jpg" for number in range(4)}


def sort(capsys, *arguments) -> dict:
    capsys.readouterr()
    assert main(["faceset", "sort", *map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def order(done: dict) -> list[str]:
    return [each["name"] for each in done["order"]]


def scores(done: dict) -> list[float]:
    return [each["score"] for each in done["order"]]


def test_every_name_is_an_order():
    assert {*NAMES} == {*ORDERS, *ALIASES}
    assert {*ALIASES.values()} <= {*ORDERS}


@pytest.mark.parametrize("by", NAMES)
def test_a_dry_run_names_every_picture_once_and_touches_nothing(folder, contents, by, capsys):
    before = contents(folder)
    done = sort(capsys, folder, "--by", by, "--dry-run")
    named = order(done) + [each["name"] for each in done["trash"]]
    assert sorted(named) == (sorted(ALL) if by != "oneface" else [])
    assert contents(folder) == before
    assert len(list(folder.iterdir())) == len(before)


@pytest.mark.parametrize(
    "by", ["blur", "motion-blur", "face-yaw", "face-pitch", "face-source-rect-size", "hist-dissim", "hue"]
)
def test_the_greatest_score_is_first(folder, by, capsys):
    found = scores(sort(capsys, folder, "--by", by, "--dry-run"))
    assert found == sorted(found, reverse=True)


def test_the_pictures_get_numbers_and_their_names_back(folder, contents, capsys):
    before = contents(folder)
    done = sort(capsys, folder, "--by", "brightness")
    assert {each["new_name"]: before[each["name"]] for each in done["order"]} == contents(folder)
    assert sort(capsys, folder, "--undo", "--dry-run")["undone"] == "brightness"
    assert sort(capsys, folder, "--undo")["gone"] == []
    assert contents(folder) == before


def test_frames_with_two_faces_go_to_the_trash_whole(folder, contents, capsys):
    before = contents(folder)
    (folder / "00001_0.jpg").rename(folder / "00000_1.jpg")
    done = sort(capsys, folder, "--by", "oneface")
    assert {each["name"] for each in done["trash"]} == {"00000_0.jpg", "00000_1.jpg"}
    assert sorted(contents(folder)) == ["00000.jpg", "00001.jpg"]
    sort(capsys, folder, "--undo")
    assert sorted(contents(folder).values()) == sorted(before.values())


def test_a_picture_without_face_data_is_sorted_by_color_and_out_by_pose(folder, capsys):
    cv2.imwrite(str(folder / "black.png"), np.zeros((64, 64, 3), np.uint8))
    assert order(sort(capsys, folder, "--by", "brightness", "--dry-run"))[-1] == "black.png"
    by_yaw = sort(capsys, folder, "--by", "face-yaw", "--dry-run")
    assert by_yaw["trash"] == [{"name": "black.png", "reason": "no-face-data"}]


def test_the_best_faces_stay_and_the_rest_is_kept_in_the_trash(folder, contents, capsys):
    face = (folder / "00000_0.jpg").read_bytes()
    for number in range(10, 22):
        (folder / f"{number:05d}_0.jpg").write_bytes(face)
    done = sort(capsys, folder, "--by", "final", "--target", "1")
    assert done["by"] == "final-by-blur"
    assert {"00001_0.jpg", "00002_0.jpg", "00003_0.jpg"} & {*order(done)}
    assert len(done["order"]) + len(done["trash"]) == 16
    assert len(contents(folder.with_name("aligned_trash"))) == len(done["trash"]) > 0


def test_a_pack_is_to_be_unpacked_first(folder, capsys):
    assert main(["faceset", "pack", str(folder)]) == 0
    assert main(["faceset", "sort", str(folder), "--by", "hue"]) == 1
    assert "dfl faceset unpack" in capsys.readouterr().err


def test_there_has_to_be_something_to_take_back(folder, capsys):
    assert main(["faceset", "sort", str(folder), "--undo"]) == 1
    assert "fix:" in capsys.readouterr().err


def test_an_order_has_to_be_named(folder, capsys):
    assert main(["faceset", "sort", str(folder)]) == 2


def test_faces_are_sorted_by_the_numbers_of_their_frames(folder, capsys):
    frames = ["99999.png", "100000.png", "frame2.png", "frame10.png"]
    for path, frame in zip(sorted(folder.glob("*.jpg")), reversed(frames), strict=True):
        write_face_info(path, read_fields(path.read_bytes()) | {"source_filename": frame})
    assert order(sort(capsys, folder, "--by", "origname", "--dry-run")) == [
        "00003_0.jpg", "00002_0.jpg", "00001_0.jpg", "00000_0.jpg",
    ]  # fmt: skip
