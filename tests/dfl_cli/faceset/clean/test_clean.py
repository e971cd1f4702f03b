"""`dfl faceset clean` as a person uses it."""

import io
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from dfl_cli.extract.index import FILE_NAME
from dfl_cli.main import main
from samplers.files.dfl_image import read_face_info, read_fields, write_face_info
from two_people import BOTH, SHE


def change(path: Path, edit=lambda picture: picture, quality=98, **fields) -> None:
    """Edit the picture and the face data of a face."""
    known = read_fields(path.read_bytes())
    cv2.imwrite(str(path), edit(cv2.imread(str(path))), [cv2.IMWRITE_JPEG_QUALITY, quality])
    write_face_info(path, known | fields)


def copy(path: Path, name: str, *args, **kwargs) -> None:
    shutil.copy(path, path.with_name(name))
    change(path.with_name(name), *args, **kwargs)


def darker(by):
    return lambda picture: np.uint8(picture * (1 - by / 100))


def far_off(points):
    """Landmarks a fifth of the face beside the face."""
    points = np.asarray(points, np.float64)
    return (points + 0.2 * np.ptp(points, axis=0).max()).tolist()


@pytest.fixture
def flawed(folder):
    """Eight good faces, and one for each of the defects that a face has by itself or beside another."""
    for number in range(4):
        copy(folder / f"0000{number}_0.jpg", f"1000{number}_0.jpg", darker(10 + 5 * number))
    good = folder / "00000_0.jpg"
    info = read_face_info(good.read_bytes())
    copy(good, "blurred.jpg", lambda picture: cv2.GaussianBlur(darker(50)(picture), (0, 0), picture.shape[0] / 80))
    copy(good, "tiny.jpg", darker(55), source_landmarks=(info.source_landmarks / 8).tolist())
    copy(good, "landmarks.jpg", darker(60), landmarks=far_off(info.landmarks))
    copy(good, "saved_again.jpg", quality=90)
    shutil.copy(folder / "00001_0.jpg", folder / "copied.jpg")
    return folder


@pytest.fixture
def clean(capsys):
    def run(*arguments, code=0):
        capsys.readouterr()
        found = main(["faceset", "clean", *map(str, arguments), "--json"])
        said = capsys.readouterr()
        assert found == code, said.err
        return json.loads(said.out) if code == 0 else said.err

    return run


def reasons(said):
    return {each["name"]: each["reasons"] for each in said["proposed"]}


def test_each_defect_is_found_and_nothing_moves(flawed, clean, contents):
    before = contents(flawed)
    said = clean(flawed)
    found = reasons(said)
    assert found["blurred.jpg"] == ["blurred"]
    assert found["tiny.jpg"] == ["tiny"]
    assert found["landmarks.jpg"] == ["landmarks"]
    assert found["copied.jpg"] == ["duplicate"]
    assert len({"saved_again.jpg", "00000_0.jpg"} & set(found)) == 1, "one of the two stays"
    assert len(found) == 5
    assert {each["name"]: each["duplicate_of"] for each in said["proposed"]}["copied.jpg"] == "00001_0.jpg"
    assert said["counts"] == {
        "blurred": 1, "tiny": 1, "duplicate": 2, "stranger": 0, "landmarks": 1, "closed-eyes": 0,
    }  # fmt: skip
    assert said["moved_to"] is None
    assert contents(flawed) == before


def test_a_sheet_shows_the_proposed_faces_a_row_for_each_reason(flawed, clean):
    assert cv2.imread(clean(flawed)["sheet"]).shape[0] == 4 + 4 * 100


def test_what_is_proposed_moves_to_the_trash_and_comes_back(flawed, clean, contents):
    before = contents(flawed)
    said = clean(flawed, "--move")
    assert said["moved_to"] == str(flawed.with_name("aligned_trash"))
    assert set(contents(flawed.with_name("aligned_trash"))) == set(reasons(said))
    assert set(contents(flawed)) == set(before) - set(reasons(said))
    assert clean(flawed)["proposed"] == []
    assert clean(flawed, "--undo") == {"brought_back": 5}
    assert contents(flawed) == before
    assert "nothing to undo" in clean(flawed, "--undo", code=1)


def test_reasons_can_be_left_out(flawed, clean):
    said = clean(flawed, "--keep", "duplicate", "blurred")
    assert set(reasons(said)) == {"tiny.jpg", "landmarks.jpg"}
    everything = clean(flawed, "--keep", "duplicate", "--smallest", 100000)
    assert everything["counts"]["tiny"] == everything["faces"]


def test_faces_in_a_pack_are_looked_at_but_not_moved(flawed, clean):
    assert main(["faceset", "pack", str(flawed), "--delete-originals"]) == 0
    assert clean(flawed)["counts"]["tiny"] == 1
    assert "unpack" in clean(flawed, "--move", code=1)


def test_a_set_without_defects_has_nothing_to_remove(folder, clean, capsys):
    assert clean(folder)["proposed"] == []
    assert not folder.with_name("aligned_clean").exists()
    assert main(["--lang", "zh", "faceset", "clean", str(folder)]) == 0
    assert "4 张人脸中没有需要清理的" in capsys.readouterr().out


@pytest.mark.parametrize(("reply", "moved"), [("y", 5), ("", 0)])
def test_at_a_terminal_a_yes_moves_and_everything_else_does_not(flawed, contents, monkeypatch, reply, moved):
    for module in ("command", "actions"):
        monkeypatch.setattr(f"dfl_cli.faceset.{module}.is_interactive", lambda: True)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{reply}\n"))
    before = len(contents(flawed))
    assert main(["faceset", "clean", str(flawed)]) == 0
    assert before - len(contents(flawed)) == moved


def test_faces_of_others_are_proposed(two_people, clean):
    said = clean(two_people, "--keep", "duplicate")
    assert said["counts"]["stranger"] == BOTH + SHE
    assert {each["person"] for each in said["proposed"]} == {"B"}
    assert said["wanted"] == ["A"]
    assert clean(two_people, "--keep", "duplicate", "--person", "B")["wanted"] == ["B"]
    assert clean(two_people, "--keep", "duplicate", "stranger")["proposed"] == []


def test_closed_eyes_are_proposed_where_asked_by_what_the_index_knows(two_people, clean):
    """The eyes of frame 15 are closed in the index only, so that a look at the picture would say otherwise."""
    from dfl_cli.extract.index import EXPRESSION
    from dfl_cli.face_networks.expression import names

    lines = (two_people / FILE_NAME).read_text().splitlines()
    for number, line in enumerate(lines):
        known = json.loads(line)
        if known.get("frame") == "00015.png":
            values = EXPRESSION.decoded(known["faces"][0]["expression"]).copy()
            values[[names().index("eyeBlinkLeft"), names().index("eyeBlinkRight")]] = 0.9
            known["faces"][0]["expression"] = EXPRESSION.encoded(values)
            lines[number] = json.dumps(known)
    (two_people / FILE_NAME).write_text("\n".join(lines) + "\n")
    asked = clean(two_people, "--keep", "duplicate", "stranger", "--closed-eyes")
    assert reasons(asked) == {"00015_0.jpg": ["closed-eyes"]}
    assert clean(two_people, "--keep", "duplicate", "stranger")["proposed"] == []
    (two_people / FILE_NAME).unlink()
    assert clean(two_people, "--keep", "duplicate", "stranger", "--closed-eyes")["proposed"] == []
