"""Real people: a face in each frame that shows one, where it is on record."""

import cv2
import numpy as np
import pytest

from dfl_cli.extract.analysis import look_at
from dfl_cli.extract.networks import NetworkChoice
from dfl_cli.video.read import VideoReader
from drawn_people import difference
from samplers.files.dfl_image import read_face_info


@pytest.fixture(scope="module")
def networks():
    return NetworkChoice().open()


def sure(sighting):
    return [face for face in sighting.faces if face.is_sure]


def test_landmarks_are_within_three_percent_of_the_eye_distance_of_those_on_record(shared, networks):
    clip, before, apart = shared / "data" / "man_b_clip", None, []
    for path in sorted((clip / "frames").glob("*.jpg"))[::4]:
        before = look_at(cv2.imread(str(path)), networks, before)
        (face,) = sure(before)
        record = read_face_info((clip / "aligned" / f"{path.stem}_0.jpg").read_bytes()).source_landmarks
        apart.append(difference(face.landmarks, record))
    assert np.mean(apart) < 0.02
    assert np.quantile(apart, 0.9) < 0.03
    assert max(apart) < 0.05


@pytest.mark.parametrize(
    ("name", "people"),
    [("student.mkv", 1), ("intel_headpose_female.gif", 1), ("intel_headpose_female-and-male.gif", 2)],
)
def test_a_face_is_found_in_every_frame_of_a_clip(shared, networks, name, people):
    before, counts, identities = None, [], []
    for number, frame in enumerate(VideoReader(shared / "data" / "videos" / name).frames()):
        if number % 3 == 0:
            before = look_at(frame.picture, networks, before)
            found = sure(before)
            counts.append(len(found))
            identities += [face.identity for face in found]
    assert min(counts) >= 1
    assert max(counts) == people
    alike = np.array(identities) @ np.array(identities).T
    if people == 2:
        assert alike.min() < 0.4


@pytest.mark.parametrize("degrees", [50, -50, 60, 90, 130, 180])
def test_a_head_is_found_however_it_is_tilted(shared, networks, degrees):
    frame = cv2.imread(str(shared / "data" / "man_b_clip" / "frames" / "00070.jpg"))
    (plain,) = sure(look_at(frame, networks))
    turn = cv2.getRotationMatrix2D((320, 240), degrees, 0.8)
    (face,) = sure(look_at(cv2.warpAffine(frame, turn, (640, 480), borderValue=(110, 110, 110)), networks))
    assert difference(face.landmarks, plain.landmarks @ turn[:, :2].T + turn[:, 2]) < 0.06
