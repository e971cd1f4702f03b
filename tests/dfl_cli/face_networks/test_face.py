"""Landmarks, identity and expression of faces whose truth is known."""

import cv2
import numpy as np
import pytest

from dfl_cli.face_networks.expression import Expression
from dfl_cli.face_networks.identity import Identity
from dfl_cli.face_networks.mesh import Mesh
from dfl_cli.face_networks.protocols import Box, Located
from dfl_cli.face_networks.yunet import YuNet
from drawn_people import difference, drawn, placed
from samplers.files.dfl_image import read_face_info


@pytest.fixture(scope="module")
def mesh():
    return Mesh()


def located(mesh, frame):
    (box,) = YuNet().find(frame)
    return mesh.locate(frame, box)


@pytest.mark.parametrize("who", "AB")
def test_landmarks_are_near_those_that_were_drawn(mesh, who):
    frame, landmarks = drawn(who)
    face = located(mesh, frame)
    assert face.presence > 5
    assert difference(face.landmarks, landmarks) < 0.08  # the drawn ones lie in other places of the jaw and the brows


@pytest.mark.parametrize(("degrees", "scale"), [(30, 1), (-25, 1), (0, 0.3), (0, 4)])
def test_a_face_that_is_turned_or_scaled_has_the_same_landmarks(mesh, degrees, scale):
    frame, _ = drawn()
    plain = located(mesh, frame).landmarks
    matrix = cv2.getRotationMatrix2D((160, 160), degrees, scale)
    matrix[:, 2] += 160 * scale - 160
    side = round(320 * scale)
    turned, expected = placed(frame, plain, matrix, (side, side))
    assert difference(located(mesh, turned).landmarks, expected) < 0.05


@pytest.mark.parametrize("has_mesh", [True, False])
def test_a_face_is_found_again_where_it_was_nearly(mesh, has_mesh):
    frame, _ = drawn()
    plain = located(mesh, frame)
    shift = np.float32([6, -4])
    before = Located(plain.landmarks + shift, 9.0, plain.mesh + np.float32([6, -4, 0]) if has_mesh else None)
    assert difference(mesh.follow(frame, before).landmarks, plain.landmarks) < 0.03


def test_a_wall_is_no_face(mesh):
    wall = cv2.GaussianBlur(np.random.default_rng(1).integers(60, 180, (300, 300, 3), np.uint8), (0, 0), 9)
    face = mesh.locate(wall, Box(100, 100, 200, 220, 0.7))
    assert face is None or face.presence < 0


def test_a_person_is_more_like_himself_than_like_another(mesh):
    identity = Identity()
    frames = [drawn("A", 0)[0], drawn("A", 9)[0], drawn("B", 0)[0]]
    one, again, other = (identity.vector(frame, located(mesh, frame).landmarks) for frame in frames)
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert one @ again > one @ other + 0.1


def test_an_expression_is_52_numbers_from_0_to_1(mesh):
    values = Expression().values(located(mesh, drawn()[0]).mesh)
    assert values.shape == (52,)
    assert values.min() >= 0
    assert values.max() <= 1


@pytest.mark.parametrize("number", [1, 60, 90, 130])
def test_landmarks_of_a_real_face_are_those_on_record(mesh, shared, number):
    clip = shared / "data" / "man_b_clip"
    frame = cv2.imread(str(clip / "frames" / f"{number:05}.jpg"))
    record = read_face_info((clip / "aligned" / f"{number:05}_0.jpg").read_bytes()).source_landmarks
    assert difference(located(mesh, frame).landmarks, record) < 0.03
