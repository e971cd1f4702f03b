"""What an extraction found survives kills, damage and strangers."""

import json

import numpy as np
import pytest

from dfl_cli.extract.index import FILE_NAME, CutFile, ExtractIndex
from dfl_cli.extract.records import FaceRecord, FrameRecord

RNG = np.random.default_rng(5)


def face(**changes) -> FaceRecord:
    facts = {
        "box": (10.5, 20.25, 60.0, 90.0),
        "landmarks": RNG.uniform(0, 100, (68, 2)).astype(np.float32),
        "score": 0.9375,
        "presence": 12.5,
        "identity": RNG.normal(size=128).astype(np.float32),
        "expression": RNG.uniform(size=52).astype(np.float32),
    }
    return FaceRecord(**facts | changes)


def frame(name="00001.png", *faces) -> FrameRecord:
    return FrameRecord(name, (640, 480), "100-abc", np.arange(64, dtype=np.uint8).reshape(8, 8), faces)


def write(folder, *records):
    with ExtractIndex(folder) as index:
        index.start({"video": "film.mp4"}, "yunet + mesh")
        for record in records:
            index.add_frame(record)


def test_what_was_noted_is_read_back(tmp_path):
    seen, plain = face(), face(identity=None, expression=None, turn=90, presence=-2.0)
    write(tmp_path, frame("00001.png", seen, plain), frame("00002.png"))
    with ExtractIndex(tmp_path) as index:
        assert index.source == {"video": "film.mp4"}
        assert index.networks == "yunet + mesh"
        assert index.count is None
        assert index.frames["00002.png"].faces == ()
        first, second = index.frames["00001.png"].faces
    assert first.box == seen.box
    assert (first.score, first.presence, first.turn) == (seen.score, seen.presence, 0)
    for name in ("landmarks", "identity", "expression"):
        assert np.array_equal(getattr(first, name), getattr(seen, name))
    assert second.identity is None
    assert (second.turn, second.is_sure) == (90, False)


def test_half_a_line_costs_its_frame_only(tmp_path):
    write(tmp_path, frame("00001.png", face()), frame("00002.png", face()))
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes()[:-700])
    with ExtractIndex(tmp_path) as index:
        assert list(index.frames) == ["00001.png"]
        index.add_frame(frame("00003.png", face()))
    assert list(ExtractIndex(tmp_path).frames) == ["00001.png", "00003.png"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"landmarks": "AAAA"}, "landmarks"),
        ({"identity": 7}, "identity"),
        ({"score": 2}, "score"),
        ({"box": [1, 2, 3]}, "box"),
        ({"turn": "a"}, "turn"),
    ],
)
def test_a_line_with_a_wrong_field_is_left_out_and_named(tmp_path, capsys, change, field):
    write(tmp_path, frame("00001.png", face()), frame("00002.png", face()))
    path = tmp_path / FILE_NAME
    lines = path.read_text().splitlines()
    line = json.loads(lines[1])
    line["faces"][0] |= change
    path.write_text("\n".join([lines[0], json.dumps(line), lines[2]]) + "\n")
    assert list(ExtractIndex(tmp_path).frames) == ["00002.png"]
    said = capsys.readouterr().err
    assert "line 2" in said
    assert f"faces[0].{field}" in said


def test_numbers_that_are_not_finite_are_refused(tmp_path):
    landmarks = np.full((68, 2), np.nan, np.float32)
    write(tmp_path, frame("00001.png", face(landmarks=landmarks)))
    assert ExtractIndex(tmp_path).frames == {}


def test_files_are_known_from_begin_to_removal(tmp_path):
    landmarks = face().landmarks
    write(tmp_path, frame())
    with ExtractIndex(tmp_path) as index:
        index.begin(["00001_0.jpg", "00001_1.jpg", "00001_2.jpg"])
        index.finish("00001_0.jpg", CutFile("d1", "100-ff", landmarks))
        index.finish("00001_1.jpg", CutFile("d2", "200-ff", landmarks))
        index.remove(["00001_1.jpg"])
        index.complete(1)
    index = ExtractIndex(tmp_path)
    assert index.count == 1
    assert index.files["00001_0.jpg"][:2] == ("d1", "100-ff")
    assert np.array_equal(index.files["00001_0.jpg"].landmarks, landmarks)
    assert index.files["00001_2.jpg"].digest is None
    assert "00001_1.jpg" not in index.files


def test_a_name_that_is_no_text_is_kept(tmp_path):
    write(tmp_path, frame("\udcb0.png", face()))
    assert list(ExtractIndex(tmp_path).frames) == ["\udcb0.png"]


def test_a_folder_without_an_index_has_an_empty_one_and_stays_as_it_is(tmp_path):
    with ExtractIndex(tmp_path) as index:
        assert index.source is None
        assert index.frames == {}
    assert list(tmp_path.iterdir()) == []


def test_lines_of_a_later_version_are_passed_over(tmp_path):
    write(tmp_path, frame("00001.png", face()))
    with (tmp_path / FILE_NAME).open("a") as file:
        file.write('{"verdict": "new"}\n[1, 2]\n7\n')
    assert list(ExtractIndex(tmp_path).frames) == ["00001.png"]
