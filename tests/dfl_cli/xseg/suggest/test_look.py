"""What faces look like when they are compared."""

import dataclasses

import cv2
import numpy as np

from dfl_cli.xseg.suggest.look import comparable, direction, small_picture
from samplers.files.faces import open_faceset
from samplers.pose_coverage import directions


def pictures(fixtures) -> list[np.ndarray]:
    return [face.read() for face in open_faceset(fixtures / "xseg" / "faces", keeps_index=False)][:3]


def apart(*compared: np.ndarray) -> float:
    one, other = comparable(np.stack([small_picture(picture) for picture in compared]))
    return float(np.linalg.norm(one - other))


def test_light_does_not_count_but_a_hand_does(fixtures):
    face, other, _ = pictures(fixtures)
    darker = np.uint8(face * 0.6 + 20)
    hand = face.copy()
    cv2.ellipse(hand, (128, 170), (60, 30), 20, 0, 360, (120, 150, 200), -1)
    assert apart(face, face) == 0
    assert apart(face, darker) < 0.05 < 0.2 < apart(face, hand) < 1.5
    assert apart(face, other) > apart(face, darker)


def test_the_background_does_not_count(fixtures):
    face = pictures(fixtures)[0]
    elsewhere = face.copy()
    elsewhere[:10] = elsewhere[:, :8] = 255
    assert apart(face, elsewhere) < 1e-6


def test_the_direction_is_in_degrees_as_a_person_reads_it(fixtures):
    faces = open_faceset(fixtures / "xseg" / "faces", keeps_index=False)
    assert [direction(face) for face in faces] == [tuple(degrees) for degrees in directions(faces).degrees]


def test_landmarks_without_a_pose_look_ahead(fixtures):
    face = open_faceset(fixtures / "xseg" / "faces", keeps_index=False)[0]
    assert np.isfinite(direction(dataclasses.replace(face, landmarks=np.zeros((68, 2))))).all()


def test_a_gray_square_is_as_far_from_itself_as_nothing():
    gray = np.full((64, 64, 3), 128, np.uint8)
    assert apart(gray, gray) == 0
