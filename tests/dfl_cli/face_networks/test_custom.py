"""ONNX files of the person in place of our networks."""

import shutil

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from dfl_cli.face_networks.bundled import FOLDER
from dfl_cli.face_networks.custom import OnnxLandmarks, UnusableFaceNetwork, open_detector, points_of_maps
from dfl_cli.face_networks.mesh import Mesh
from dfl_cli.face_networks.onnx_input import declared_shape
from dfl_cli.face_networks.yunet import YuNet
from drawn_people import drawn, placed


def constant_network(path, output: np.ndarray, shape=(1, 3, 128, 128)):
    """A network that always gives `output`, whatever it sees."""
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "constant"], ["y"]),
    ]
    constants = [numpy_helper.from_array(np.zeros(1, np.float32), "zero"), numpy_helper.from_array(output, "constant")]
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, output.shape)], constants,
    )  # fmt: skip
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=9), path)
    return path


def grid_points() -> np.ndarray:
    """68 points, as fractions of the crop."""
    steps = np.linspace(0.1, 0.9, 68, dtype=np.float32)
    return np.stack([steps, steps[::-1]], axis=1)


@pytest.mark.parametrize("shape", [(1, 3, 112, 112), (1, 64, 64, 3), ("n", 3, "h", "w")])
def test_the_declared_input_is_read_as_onnx_reads_it(tmp_path, shape):
    path = constant_network(tmp_path / "net.onnx", np.zeros((1, 136), np.float32), shape)
    assert declared_shape(path.read_bytes()) == tuple(0 if isinstance(side, str) else side for side in shape)


@pytest.mark.parametrize("content", [b"", b"no network", b"\xff" * 20, bytes(range(256))])
def test_what_is_no_network_declares_nothing(content):
    assert declared_shape(content) is None


def test_a_copy_of_yunet_finds_what_yunet_finds_under_its_own_name(tmp_path):
    path = shutil.copy(FOLDER / "yunet.onnx", tmp_path / "mine.onnx")
    detector = open_detector(path)
    frame, _ = drawn()
    assert detector.find(frame) == YuNet().find(frame)
    assert detector.name.startswith("mine.onnx ")


@pytest.mark.parametrize("degrees", [0, 25])
@pytest.mark.parametrize("pixels", [False, True])
def test_points_are_placed_in_the_upright_crop_around_the_face(tmp_path, degrees, pixels):
    points = grid_points() * (127 if pixels else 1)
    network = OnnxLandmarks(constant_network(tmp_path / "points.onnx", points.reshape(1, 136)))
    frame, _ = placed(*drawn(), cv2.getRotationMatrix2D((160, 160), degrees, 1), (320, 320))
    (box,) = YuNet().find(frame)
    face, mesh = network.locate(frame, box), Mesh().locate(frame, box)
    (low, high), middle = (mesh.landmarks.min(axis=0), mesh.landmarks.max(axis=0)), face.landmarks.mean(axis=0)
    assert face.presence == pytest.approx(mesh.presence)
    assert np.abs(middle - (low + high) / 2).max() < 0.1 * max(high - low)
    line = face.landmarks[-1] - face.landmarks[0]  # from the lower left to the upper right
    assert np.degrees(np.arctan2(-line[1], line[0])) == pytest.approx(45 + degrees, abs=8)
    assert np.linalg.norm(line) == pytest.approx(0.8 * 1.25 * 2**0.5 * max(high - low), rel=0.1)


def test_heat_maps_become_the_middles_of_their_peaks():
    maps = np.zeros((1, 68, 64, 64), np.float32)
    maps[:, :, 20, 30], maps[:, :, 20, 31] = 1.0, 0.5
    assert points_of_maps(maps, 256)[0] == pytest.approx([(30 + 1 / 3 + 0.5) * 4 - 0.5, (20 + 0.5) * 4 - 0.5], abs=0.01)


def test_a_network_of_heat_maps_is_recognized(tmp_path):
    maps = np.zeros((1, 68, 64, 64), np.float32)
    maps[:, :, 32, 32] = 1
    network = OnnxLandmarks(constant_network(tmp_path / "maps.onnx", maps, (1, 3, 256, 256)))
    assert (network.side, network.channels_first, network.has_maps) == (256, True, True)


@pytest.mark.parametrize("content", [b"no network", b""])
def test_a_file_that_is_no_network_is_refused(tmp_path, content):
    path = tmp_path / "wrong.onnx"
    path.write_bytes(content)
    for open_it in (open_detector, OnnxLandmarks):
        with pytest.raises(UnusableFaceNetwork):
            open_it(path)


def test_a_network_of_another_kind_is_refused(tmp_path):
    path = constant_network(tmp_path / "five.onnx", np.zeros((1, 10), np.float32))
    with pytest.raises(UnusableFaceNetwork, match=r"1, 10"):
        OnnxLandmarks(path)
    with pytest.raises(UnusableFaceNetwork):
        open_detector(FOLDER / "mesh.onnx")
