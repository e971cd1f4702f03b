"""DeepFaceLab's own networks: the passes around them give its recorded landmarks; files that are none are refused."""

import json

import cv2
import numpy as np
import pytest

from dfl_cli.extract.dfl_networks import DflDetector, DflLandmarks
from dfl_cli.face_networks.fan_points import SHIFTS, center_and_scale
from dfl_cli.face_networks.protocols import Box
from dfl_cli.main import main
from models.face_networks import fan, s3fd
from samplers.files.pickles.safe_pickle import dumps
from samplers.geometry.landmarks import landmark_fault


@pytest.fixture(scope="module")
def recorded(shared):
    return np.load(shared / "fixtures" / "extract" / "functions.npz")


@pytest.fixture
def frame(fixtures):
    return cv2.imread(str(fixtures / "extract" / "00011.jpg"))


class RolledMaps:
    """A network that gives the recorded maps, in its i-th run rolled by (3i, 5i); keeps what it was shown."""

    def __init__(self, maps):
        self.maps, self.shown = maps.astype(np.float32), []

    def __call__(self, pictures):
        first = len(self.shown)
        self.shown += list(pictures)
        return np.stack([np.roll(self.maps, (3 * i, 5 * i), axis=(1, 2)) for i in range(first, len(self.shown))])


class RecordedBoxes:
    name = "recorded"

    def __init__(self, rects):
        self.rects, self.seen = rects, []

    def find(self, picture):
        self.seen.append(picture)
        return [Box(*rect, 1.0) for rect in self.rects]


@pytest.mark.parametrize(("case", "shifts"), [("single", SHIFTS[:1]), ("multi", SHIFTS)])
def test_landmarks_of_one_pass(recorded, frame, case, shifts):
    network = RolledMaps(recorded["heat_u8"])
    landmarks = DflLandmarks(network, "fan", DflDetector(lambda picture: [], "s3fd"))
    found = landmarks.points(frame, *center_and_scale(recorded["fan_extract_rect"].tolist()), shifts=shifts)
    assert found == pytest.approx(recorded[f"fan_extract_{case}_points"].reshape(68, 2), abs=1e-6)
    shown = np.stack(network.shown)[:, ::8, ::8]
    assert shown == pytest.approx(recorded[f"fan_extract_{case}_inputs_sub8"].reshape(shown.shape), abs=1e-6)


@pytest.mark.parametrize("case", ["one", "two", "none"])
def test_the_second_look_counts_if_it_sees_one_face(recorded, frame, shared, case):
    facts = json.loads((shared / "fixtures" / "extract" / "functions.json").read_text())
    detector = RecordedBoxes(facts[f"fan_extract_second_{case}"]["second_rects"])
    network = RolledMaps(recorded["heat_u8"])
    found = DflLandmarks(network, "fan", detector).locate(frame, Box(*recorded["fan_extract_rect"].tolist(), 1.0))
    expected = recorded[f"fan_extract_second_{case}_points"].reshape(68, 2)
    assert found.landmarks == pytest.approx(expected, abs=2e-3)  # the matrix of the crop differs in its last bit
    difference = np.abs(detector.seen[0][..., ::-1].astype(int) - recorded["fan_second_face_rgb"])
    assert difference.max() <= 1
    assert len(network.shown) == (6 if case == "one" else 1)


def test_landmarks_in_one_place_are_no_face(frame):
    landmarks = DflLandmarks(lambda crops: np.zeros((len(crops), 68, 64, 64)), "fan", RecordedBoxes([]))
    found = landmarks.locate(frame, Box(100, 100, 200, 220, 0.9))
    assert landmark_fault(found.landmarks.astype(float), frame.shape[:2]) is not None


def write_networks(folder, shapes=(("S3FD", s3fd.shapes), ("2DFAN", fan.shapes))):
    """Networks as DeepFaceLab stores them: all background to S3FD, zeros to FAN."""
    folder.mkdir()
    for name, shapes_of in shapes:
        stored = {f"{key}:0": np.zeros(shape, np.float32) for key, shape in shapes_of().items()}
        for key in stored:
            if key.endswith("_mbox_conf/bias:0"):
                stored[key][:-1] = 5
        (folder / f"{name}.npy").write_bytes(dumps(stored))


def test_an_extraction_by_networks_of_deepfacelab_runs(frames, extract, tmp_path):
    write_networks(tmp_path / "facelib")
    said = extract("--input", frames, "--output", tmp_path / "faces", "--dfl-networks", tmp_path, "--cpu")
    assert (said["frames"], said["faces"]) == (3, 0)


def test_files_that_are_no_such_networks_are_refused(frames, tmp_path, capsys):
    folder = tmp_path / "networks"
    write_networks(folder, [("S3FD", fan.shapes)])
    line = ["extract", "--input", str(frames), "--output", str(tmp_path / "faces"), "--silent-start", "--cpu"]
    assert main([*line, "--dfl-networks", str(folder)]) == 1
    assert "2DFAN.npy" in capsys.readouterr().err
    write_networks(tmp_path / "other", [("S3FD", fan.shapes), ("2DFAN", fan.shapes)])
    assert main([*line, "--dfl-networks", str(tmp_path / "other")]) == 1
    assert "S3FD.npy lacks tensors" in capsys.readouterr().err
    (folder / "2DFAN.npy").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    (folder / "S3FD.npy").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    assert main([*line, "--dfl-networks", str(folder)]) == 1
    assert "was not opened" in capsys.readouterr().err
