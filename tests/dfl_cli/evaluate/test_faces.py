"""Which faces are scored, and in which order."""

import numpy as np
import pytest

from dfl_cli.evaluate.faces import (
    STRETCH,
    Square,
    choose,
    dst_faces,
    follow_one_another,
    frame_pixels,
    in_order,
    in_stretches,
    prepared_face,
    src_faces,
)
from drawn_swap import drawn, write_faces
from samplers.files.faces import open_faceset
from samplers.geometry.face_types import FaceType

SQUARE = Square(64, FaceType.WHOLE, False)


@pytest.fixture
def folder(tmp_path):
    return write_faces(tmp_path / "aligned", "dst", range(6))


def frames(faces):
    return [face.source_filename for face in faces]


def test_faces_go_by_their_frames_whatever_their_files_are_called(folder):
    before = frames(in_order(open_faceset(folder)))
    for number, path in enumerate(sorted(folder.glob("*.jpg"), reverse=True)):
        path.rename(folder / f"sorted_{number}.jpg")
    assert frames(in_order(open_faceset(folder))) == before == [f"{number:05}.png" for number in range(6)]


def test_one_face_of_each_frame_is_scored(folder):
    (folder / "00002_1.jpg").write_bytes((folder / "00002_0.jpg").read_bytes())
    assert [face.name for face in in_order(open_faceset(folder))][2:4] == ["00002_0.jpg", "00003_0.jpg"]


def test_many_frames_are_chosen_in_stretches_over_the_whole():
    chosen = in_stretches(1000, 3 * STRETCH)
    assert len(chosen) == 3 * STRETCH
    assert chosen[0] == 0
    assert chosen[-1] == 999
    assert np.count_nonzero(np.diff(chosen) > 1) == 2
    assert in_stretches(5, 8) == [0, 1, 2, 3, 4]
    assert in_stretches(100, 1) == [0]


def test_neighbors_are_in_frames_that_follow_one_another(folder):
    (folder / "00003_0.jpg").unlink()
    faces = in_order(open_faceset(folder))
    assert follow_one_another(faces).tolist() == [False, True, True, False, True]
    assert follow_one_another(choose(faces, every=2, most=9), 2).tolist() == [False, True, False]
    assert follow_one_another([]).tolist() == []


def test_faces_that_cannot_be_read_are_skipped(folder):
    faces = open_faceset(folder)
    (folder / "00001_0.jpg").write_bytes(b"gone")
    chosen = dst_faces(faces, SQUARE, every=1, most=9)
    assert [one.name for one in chosen.skipped] == ["00001_0.jpg"]
    assert chosen.neighbors.tolist() == [False, False, True, True, True]


def test_src_is_known_by_other_faces_than_those_that_show_what_can_be_reached(tmp_path):
    found = src_faces(open_faceset(write_faces(tmp_path, "src", range(9))), SQUARE)
    centroid, real = ({one.name for one in some} for some in (found.centroid, found.real))
    assert (len(centroid), len(real)) == (6, 3)
    assert not centroid & real


def test_landmarks_lie_on_the_face_at_the_resolution_of_the_network(folder):
    face = open_faceset(folder)[0]
    one = prepared_face(face, SQUARE)
    assert one.image.shape == (64, 64, 3)
    assert one.landmarks == pytest.approx((drawn("dst").landmarks[0] + 0.5) * 64 / 96 - 0.5)
    other = prepared_face(face, Square(64, FaceType.FULL, False))
    spread = np.ptp(other.landmarks, axis=0).max() / np.ptp(one.landmarks, axis=0).max()
    assert spread > 1.1  # a full face shows less of the head
    assert frame_pixels([one]) == pytest.approx(3, abs=0.01)  # the frame is twice as large as the picture of 96 pixels
