"""`dfl faceset identify` as a person uses it."""

import json

import cv2
import pytest

from dfl_cli.main import main
from samplers.files.dfl_image import read_face_info
from two_people import BOTH, HE, SHE, write_frames


@pytest.fixture
def mixed(tmp_path, fixtures, capsys):
    """A face set of two people: 15 faces of a man, A, and 14 of a woman, B."""
    frames = write_frames(tmp_path / "frames", fixtures / "extract" / "two_people.jpg")
    line = ["extract", "--input", frames, "--output", tmp_path / "aligned", "--image-size", 256, "--silent-start"]
    assert main([str(word) for word in line]) == 0
    capsys.readouterr()
    return tmp_path / "aligned"


@pytest.fixture
def identify(capsys):
    def run(*arguments, code=0):
        capsys.readouterr()
        found = main(["faceset", "identify", *map(str, arguments), "--json"])
        said = capsys.readouterr()
        assert found == code, said.err
        return json.loads(said.out) if code == 0 else said.err

    return run


def is_hers(path):
    """She is at the left of her frames."""
    return read_face_info(path.read_bytes()).source_landmarks[:, 0].mean() < 200 and path.name not in {
        f"{BOTH + number:05d}_0.jpg" for number in range(1, HE + 1)
    }


def test_strangers_are_proposed_and_nothing_moves(mixed, identify, contents):
    before = contents(mixed)
    said = identify(mixed)
    assert said["people"] == [{"name": "A", "faces": BOTH + HE}, {"name": "B", "faces": BOTH + SHE}]
    assert said["wanted"] == ["A"]
    assert {one["name"] for one in said["strangers"]} == {path.name for path in mixed.glob("*.jpg") if is_hers(path)}
    assert {one["person"] for one in said["strangers"]} == {"B"}
    assert (said["unsure"], said["moved_to"]) == ([], None)
    assert contents(mixed) == before
    assert cv2.imread(said["sheet"]).shape[0] == 4 + 2 * 100


def test_what_is_told_to_go_goes_to_the_trash_and_comes_back(mixed, identify, contents, capsys):
    before = contents(mixed)
    said = identify(mixed, "--person", "B", "--move")
    assert said["moved_to"] == str(mixed.with_name("aligned_trash"))
    assert len(contents(mixed)) == BOTH + SHE
    assert all(is_hers(path) for path in mixed.glob("*.jpg"))
    assert len(list(mixed.with_name("aligned_trash").glob("*.jpg"))) == BOTH + HE
    assert identify(mixed, "--undo") == {"brought_back": BOTH + HE}
    assert contents(mixed) == before
    assert "nothing to undo" in identify(mixed, "--undo", code=1)
    main(["faceset", "sort", str(mixed), "--by", "origname"])
    assert "by origname" in identify(mixed, "--undo", code=1)


def test_a_reference_says_whose_set_it_is(mixed, identify, fixtures):
    hers = next(path for path in sorted(mixed.glob("*.jpg")) if is_hers(path))
    assert identify(mixed, "--reference", hers)["wanted"] == ["B"]
    assert "the most alike is" in identify(mixed, "--reference", fixtures / "extract" / "00011.jpg", code=1)
    assert "There is no person C" in identify(mixed, "--person", "C", code=1)


def test_a_set_of_one_person_has_no_strangers(folder, identify):
    said = identify(folder, "--move")
    assert said["people"] == [{"name": "A", "faces": 4}]
    assert (said["strangers"], said["moved_to"], said["sheet"]) == ([], None, None)


def test_faces_in_a_pack_are_identified_but_not_moved(folder, identify):
    assert main(["faceset", "pack", str(folder), "--delete-originals"]) == 0
    assert identify(folder)["people"] == [{"name": "A", "faces": 4}]
    assert "unpack" in identify(folder, "--move", code=1)


def test_a_terminal_is_told_what_was_found(mixed, capsys):
    assert main(["--lang", "zh", "faceset", "identify", str(mixed)]) == 0
    said = capsys.readouterr().out
    assert "2 个人：A 15 张人脸, B 14" in said
    assert "14 张他人的人脸" in said
