"""Face sets whose files have names in other bytes, or as long as a name may be, and faces that are damaged in odd ways."""

import json
import os

import cv2
import numpy as np
import pytest

from dfl_cli.main import main
from samplers.files.dfl_image import read_fields, write_face_info
from samplers.files.dfl_pack import PACK_NAME

LONGEST = ["a" * 251, "字" * 83 + "ab"]


def gbk(name: str) -> str:
    return os.fsdecode(name.encode("gbk"))


def names(folder):
    return sorted(path.name for path in folder.glob("[!.]*"))


def run(capsys, *arguments) -> dict:
    capsys.readouterr()
    assert main(["faceset", *map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def change(path, **fields):
    write_face_info(path, read_fields(path.read_bytes()) | fields)


def test_faces_in_gbk_are_packed_and_unpacked_as_text(folder, capsys):
    for number in range(4):
        (folder / f"0000{number}_0.jpg").rename(folder / gbk(f"脸{number}.jpg"))
    assert run(capsys, "pack", folder, "--delete-originals")["packed"] == 4
    assert names(folder) == [PACK_NAME]
    assert run(capsys, "unpack", folder)["unpacked"] == 4
    assert names(folder) == [f"脸{number}.jpg" for number in range(4)]


@pytest.mark.parametrize("stem", LONGEST, ids=["ascii", "utf-8"])
def test_names_of_the_greatest_length_survive_every_action(folder, capsys, stem):
    (folder / "00000_0.jpg").rename(folder / f"{stem}.jpg")
    before = names(folder)
    run(capsys, "sort", folder, "--by", "face-yaw")
    run(capsys, "sort", folder, "--undo")
    assert names(folder) == before
    assert run(capsys, "pack", folder, "--delete-originals")["skipped"] == []
    run(capsys, "unpack", folder)
    assert names(folder) == before
    run(capsys, "info", folder, "--plot", folder.parent / f"{stem}.png")
    assert (folder.parent / f"{stem}.png").exists()


def test_rejected_faces_of_a_folder_with_the_longest_name_go_beside_it(folder, capsys):
    long = folder.rename(folder.with_name("f" * 255))
    (long / "plain.png").write_bytes(cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes())
    assert run(capsys, "sort", long, "--by", "face-yaw")["trash"]
    (trash,) = folder.parent.glob("*_trash")
    assert names(trash) == ["plain.png"]


def test_names_with_control_characters_are_printed_escaped(folder, capsys):
    (folder / "bad\x1b[2J.jpg").write_bytes(b"no picture")
    assert main(["faceset", "info", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "bad\\x1b[2J.jpg: not a JPEG image" in said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("landmarks", "reason"),
    [
        ([[5.0, 5.0]] * 68, "they lie in one place"),
        ([[float(each), 3.0] for each in range(68)], "they lie on one line"),
        ([[float("inf"), 1.0]] * 68, "they are not finite numbers"),
        ("shifted", "they lie outside the image"),
        ("one astray", "they lie outside the image"),
    ],
)
def test_a_face_whose_landmarks_are_of_no_use_is_named(folder, capsys, landmarks, reason):
    first = folder / "00000_0.jpg"
    if isinstance(landmarks, str):
        found = np.array(read_fields(first.read_bytes())["landmarks"])
        found[: 68 if landmarks == "shifted" else 1] += 2000
        landmarks = found.tolist()
    change(first, landmarks=landmarks)
    info = run(capsys, "info", folder)
    assert info["count"] == 3
    assert info["broken"] == [{"name": "00000_0.jpg", "reason": f"landmarks: {reason}"}]


def test_a_set_of_such_faces_is_not_called_a_folder_without_faces(folder, capsys):
    for path in folder.glob("*.jpg"):
        change(path, landmarks=[[5.0, 5.0]] * 68)
    assert main(["faceset", "coverage", str(folder), str(folder)]) == 1
    said = capsys.readouterr().err
    assert "None of the faces" in said
    assert "images: unusable landmarks: they lie in one place" in said
    assert "fix: Extract the faces again." in said


def test_a_damaged_xseg_mask_is_a_broken_image(folder, capsys):
    change(folder / "00002_0.jpg", xseg_mask=np.frombuffer(b"\x89PNG\r\n\x1a\n cut short", np.uint8))
    assert main(["faceset", "info", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "Unusable images: 1" in said
    assert "00002_0.jpg: its XSeg mask is damaged" in said
