"""What is read in a picture does not depend on its size."""

import numpy as np
import pytest

from dfl_cli.evaluate.faces import Square, prepared_faces
from drawn_swap import SIDE, drawn, write_faces
from samplers.files.faces import open_faceset
from samplers.geometry.face_types import FaceType


def eye_distance(landmarks):
    return np.linalg.norm(landmarks[36:42].mean(axis=0) - landmarks[42:48].mean(axis=0))


def test_landmarks_lie_where_the_face_was_drawn(reader):
    dst = drawn("dst")
    found = reader.read(dst.pictures[0], dst.landmarks[0] + 3)  # found from a place that is not exact
    assert found.presence > 0
    distance = np.linalg.norm(found.landmarks - dst.landmarks[0], axis=1).mean()
    assert distance < 0.15 * eye_distance(dst.landmarks[0])
    assert np.linalg.norm(found.identity) == pytest.approx(1, abs=1e-3)


def test_a_picture_without_a_face_is_read_too(reader):
    found = reader.read(np.zeros((SIDE, SIDE, 3), np.float32), drawn("dst").landmarks[0])
    assert found.presence < 0
    assert all(np.isfinite(value).all() for value in found)


@pytest.mark.parametrize("face_type", [FaceType.WHOLE, FaceType.FULL])
def test_full_size_is_read_in_the_pixels_of_the_network(reader, tmp_path, face_type):
    square = Square(64, face_type, False)
    faces, _ = prepared_faces(open_faceset(write_faces(tmp_path, "dst", [0])), square)
    small, full = reader.read_faces(faces), reader.read_in_full(faces, face_type)
    assert np.linalg.norm(small.landmarks - full.landmarks, axis=2).mean() < 0.05 * eye_distance(full.landmarks[0])
    assert np.linalg.norm(small.mesh - full.mesh, axis=2).mean() < 0.1 * eye_distance(full.landmarks[0])
    assert small.angles == pytest.approx(full.angles, abs=5)
