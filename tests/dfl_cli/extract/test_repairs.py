"""What a person put right in a frame holds for every later extraction."""

from dataclasses import replace

import numpy as np
import pytest

from dfl_cli.extract.index import ExtractIndex
from dfl_cli.extract.records import FaceRecord, Repair
from drawn_people import frame_with_face
from samplers.files.dfl_image import read_face_info

FRAME = "00001.png"


def repair(folder, change, name=FRAME):
    """Put the faces of a frame right, as `change` does with them."""
    with ExtractIndex(folder) as index:
        frame = index.frame(name)
        index.repair(name, Repair(frame.fingerprint, tuple(change(frame.faces))))


def moved(faces, by=3.0):
    return [replace(face, landmarks=face.landmarks + np.float32(by), by_hand=True) for face in faces]


def drawn_by_hand(_) -> list[FaceRecord]:
    points = frame_with_face(1)[1]
    return [FaceRecord((20, 15, 120, 160), points, 0.0, -9.0, by_hand=True)]


def points_of(path):
    return read_face_info(path.read_bytes()).source_landmarks


@pytest.fixture
def extracted(frames, extract, tmp_path):
    """Runs the extraction of three frames, and is where its faces are."""
    aligned = tmp_path / "faces"

    def run(*more):
        said = extract("--input", frames, "--output", aligned, *more)
        assert said["faces"] == len(list(aligned.glob("*.jpg")))
        return said

    run()
    run.folder = aligned
    return run


def test_moved_landmarks_are_cut_as_they_are_and_stay_so(extracted):
    before, other = points_of(extracted.folder / "00001_0.jpg"), points_of(extracted.folder / "00003_0.jpg")
    repair(extracted.folder, moved)
    for again in ((), (), ("--again",), ()):
        extracted(*again)
        assert np.allclose(points_of(extracted.folder / "00001_0.jpg"), before + 3, atol=1e-3), again
        assert np.allclose(points_of(extracted.folder / "00003_0.jpg"), other, atol=1e-3)


def test_a_face_that_only_a_person_sees_is_cut(extracted):
    repair(extracted.folder, drawn_by_hand, "00002.png")
    said = extracted("--max-faces", "1")
    assert (said["faces"], said["frames_without_face"]) == (3, [])
    assert np.allclose(points_of(extracted.folder / "00002_0.jpg"), frame_with_face(1)[1])


def test_a_face_taken_away_does_not_come_back(extracted):
    repair(extracted.folder, lambda faces: [])
    for _ in range(2):
        assert extracted()["frames_without_face"] == [FRAME, "00002.png"]
    with ExtractIndex(extracted.folder) as index:
        index.repair(FRAME, None)
    assert extracted()["frames_without_face"] == ["00002.png"]


def test_a_repair_does_not_hold_for_another_frame_of_the_same_name(extracted, frames):
    repair(extracted.folder, lambda faces: [])
    (frames / FRAME).write_bytes((frames / "00003.png").read_bytes())
    assert extracted()["frames_without_face"] == ["00002.png"]
