"""`dfl faceset identify` as a person uses it."""

import json

import cv2
import pytest

from dfl_cli.main import main
from samplers.files.dfl_image import read_face_info
from two_people import BOTH, HE, SHE


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


def test_strangers_are_proposed_and_nothing_moves(two_people, identify, contents):
    before = contents(two_people)
    said = identify(two_people)
    assert said["people"] == [{"name": "A", "faces": BOTH + HE}, {"name": "B", "faces": BOTH + SHE}]
    assert said["wanted"] == ["A"]
    assert {one["name"] for one in said["strangers"]} == {
        path.name for path in two_people.glob("*.jpg") if is_hers(path)
    }
    assert {one["person"] for one in said["strangers"]} == {"B"}
    assert (said["unsure"], said["moved_to"]) == ([], None)
    assert contents(two_people) == before
    assert cv2.imread(said["sheet"]).shape[0] == 4 + 2 * 100


def test_what_is_told_to_go_goes_to_the_trash_and_comes_back(two_people, identify, contents, capsys):
    before = contents(two_people)
    said = identify(two_people, "--person", "B", "--move")
    assert said["moved_to"] == str(two_people.with_name("aligned_trash"))
    assert len(contents(two_people)) == BOTH + SHE
    assert all(is_hers(path) for path in two_people.glob("*.jpg"))
    assert len(list(two_people.with_name("aligned_trash").glob("*.jpg"))) == BOTH + HE
    assert identify(two_people, "--undo") == {"brought_back": BOTH + HE}
    assert contents(two_people) == before
    assert "nothing to undo" in identify(two_people, "--undo", code=1)
    main(["faceset", "sort", str(two_people), "--by", "origname"])
    assert "by origname" in identify(two_people, "--undo", code=1)


def test_a_reference_says_whose_set_it_is(two_people, identify, fixtures):
    hers = next(path for path in sorted(two_people.glob("*.jpg")) if is_hers(path))
    assert identify(two_people, "--reference", hers)["wanted"] == ["B"]
    assert "the most alike is" in identify(two_people, "--reference", fixtures / "extract" / "00011.jpg", code=1)
    assert "There is no person C" in identify(two_people, "--person", "C", code=1)


def test_a_set_of_one_person_has_no_strangers(folder, identify):
    said = identify(folder, "--move")
    assert said["people"] == [{"name": "A", "faces": 4}]
    assert (said["strangers"], said["moved_to"], said["sheet"]) == ([], None, None)


def test_faces_in_a_pack_are_identified_but_not_moved(folder, identify):
    assert main(["faceset", "pack", str(folder), "--delete-originals"]) == 0
    assert identify(folder)["people"] == [{"name": "A", "faces": 4}]
    assert "unpack" in identify(folder, "--move", code=1)


def test_a_terminal_is_told_what_was_found(two_people, capsys):
    assert main(["--lang", "zh", "faceset", "identify", str(two_people)]) == 0
    said = capsys.readouterr().out
    assert "2 个人：A 15 张人脸、B 14" in said
    assert "14 张他人的人脸" in said
