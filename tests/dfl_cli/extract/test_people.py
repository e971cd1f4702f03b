"""Several people in one video: named, shown, asked for, kept apart."""

import shutil

import cv2
import numpy as np
import pytest

from dfl_cli.extract.index import ExtractIndex
from dfl_cli.main import main
from samplers.files.dfl_image import read_face_info
from two_people import BOTH, write_frames


@pytest.fixture
def two(fixtures):
    """A woman at the left and a man at the right, who is a little larger; (200, 480, 3)."""
    return cv2.imread(str(fixtures / "extract" / "two_people.jpg"))


@pytest.fixture(scope="module")
def frames(tmp_path_factory, fixtures):
    return write_frames(tmp_path_factory.mktemp("two") / "frames", fixtures / "extract" / "two_people.jpg")


@pytest.fixture(scope="module")
def extracted(frames):
    """All faces of `frames`."""
    line = ["extract", "--input", frames, "--output", frames.with_name("faces"), "--image-size", "256", "--json"]
    assert main([str(word) for word in line]) == 0
    return frames.with_name("faces")


@pytest.fixture
def again(extracted, tmp_path):
    """Arguments of another run on the same frames, which finds all faces in the index."""
    return "--input", extracted.with_name("frames"), "--output", shutil.copytree(extracted, tmp_path / "faces")


def people(said):
    return [(one["name"], one["faces"]) for one in said["people"]]


def left_edges(folder):
    """Where in their frames the faces are, by the names of their files."""
    return {path.name: read_face_info(path.read_bytes()).source_landmarks[:, 0].min() for path in folder.glob("*.jpg")}


def test_two_people_are_counted_shown_and_kept_apart(frames, extract, tmp_path):
    faces = tmp_path / "faces"
    said = extract("--input", frames, "--output", faces)
    assert people(said) == [("A", 15), ("B", 14)]
    assert said["faces"] == 29
    sheet = cv2.imread(str(tmp_path / "faces_people" / "people.jpg"))
    assert sheet.shape[0] == 4 + 2 * 100
    assert extract("--input", frames, "--output", faces, "--person", "b")["faces"] == 14
    assert all(left < 200 for left in left_edges(faces).values())
    assert len(list((tmp_path / "faces_trash").glob("*.jpg"))) == 15
    assert extract("--input", frames, "--output", faces, "--person", "A,B")["faces"] == 29


def test_one_face_of_each_frame_is_always_of_the_same_person(again, extract, tmp_path):
    said = extract(*again, "--max-faces", 1)
    assert (said["faces"], people(said)) == (15, [("A", 15), ("B", 14)])
    edges = left_edges(tmp_path / "faces")
    assert all(edges[f"{number:05d}_0.jpg"] > 250 for number in range(1, BOTH + 1))
    error = extract(*again, "--max-faces", 1, "--person", "A,B", code=1)
    assert "one of A, B" in error


def test_a_reference_photo_keeps_only_that_person(frames, again, two, extract, tmp_path):
    photo = tmp_path / "she.jpg"
    cv2.imwrite(str(photo), cv2.resize(two[20:, :220], None, fx=2, fy=2))
    said = extract(*again, "--reference", photo)
    assert said["faces"] == 14
    assert all(left < 200 for left in left_edges(tmp_path / "faces").values())
    aligned = next((tmp_path / "faces").glob("*.jpg"))
    assert extract("--input", frames, "--output", tmp_path / "others", "--reference", aligned)["faces"] == 14


def test_a_reference_of_somebody_else_or_of_two_people_is_refused(again, fixtures, extract, tmp_path):
    def error(photo):
        return extract(*again, "--reference", photo, code=1)

    assert "Nobody here" in error(fixtures / "extract" / "00011.jpg")
    assert "2 faces" in error(fixtures / "extract" / "two_people.jpg")
    assert "Check the path." in error(tmp_path / "nothing.jpg")
    assert "2 people: A 15 frames, B 14" in extract(*again, "--person", "C", code=1)


@pytest.fixture
def answered(monkeypatch, capsys):
    """Runs `dfl extract` at a terminal where everything is answered by Enter but the question about people."""

    def run(answer, *arguments, language="en"):
        from dfl_cli.terminal.console import Console

        asked = []

        def read(self, prompt, *_):
            asked.append(prompt)
            return answer if "A 15" in prompt else ""

        monkeypatch.setattr(Console, "read", read)
        for module in ("dfl_cli.extract.command", "dfl_cli.options.outputs", "dfl_cli.options.wizard"):
            monkeypatch.setattr(f"{module}.is_interactive", lambda: True)
        code = main(["--lang", language, "extract", *map(str, arguments), "--image-size", "256"])
        capsys.readouterr()
        return code, [prompt for prompt in asked if "A 15" in prompt]

    return run


@pytest.mark.parametrize(
    ("language", "question"),
    [("en", "[all] 2 people: A 15 frames, B 14: which?"), ("zh", "[all] 2 个人：A 15 帧、B 14：保留谁？")],
)
def test_the_question_names_everybody_in_both_languages(again, tmp_path, answered, language, question):
    code, asked = answered("b", *again, language=language)
    assert code == 0
    assert [text.startswith(question) for text in asked] == [True]
    assert len(list((tmp_path / "faces").glob("*.jpg"))) == 14


def test_one_person_raises_no_question(film, extract, tmp_path):
    said = extract("--input", film, "--output", tmp_path / "faces", "--max-faces", 1)
    assert people(said) == [("A", 9)]
    assert not (tmp_path / "faces_people").exists()


def test_a_video_is_smoothed_and_what_was_found_stays_in_the_index(film, extract, tmp_path):
    def cut():
        return np.stack([file.landmarks for _, file in sorted(ExtractIndex(tmp_path / "faces").files.items())])

    extract("--input", film, "--output", tmp_path / "faces")
    smooth = cut()
    found = np.stack(
        [
            face.landmarks
            for frame in sorted(ExtractIndex(tmp_path / "faces").frames.values(), key=lambda f: f.name)
            for face in frame.faces
        ]
    )
    assert 0 < np.abs(smooth - found).max() < 2
    extract("--input", film, "--output", tmp_path / "faces", "--smooth", "off")
    assert np.array_equal(cut(), found)
    written = read_face_info((tmp_path / "faces" / "00001_0.jpg").read_bytes())
    assert np.allclose(written.source_landmarks, found[0])
