"""S3FD and FAN give what DeepFaceLab's gave with the same weights, drawn by rule."""

import json
import zlib

import numpy as np
import pytest

from models.face_networks import fan, s3fd
from models.face_networks.fan import FAN
from models.face_networks.s3fd import S3FD
from models.weights import MissingWeights, WeightMismatch


@pytest.fixture(scope="module")
def folder(shared):
    return shared / "fixtures" / "extract"


@pytest.fixture(scope="module")
def recorded(folder):
    return np.load(folder / "networks.npz")


@pytest.fixture(scope="module")
def recorded_shapes(folder):
    return json.loads((folder / "weight_shapes.json").read_text())


def drawn_weights(net: str, shapes) -> dict[str, np.ndarray]:
    """By the rule of the recorded outputs' README."""
    return {key: drawn(f"{net}/{key.removesuffix(':0')}", tuple(shape)) for key, shape in shapes.items()}


def drawn(name: str, shape) -> np.ndarray:
    state, last = np.random.RandomState(zlib.crc32(name.encode()) & 0x7FFFFFFF), name.rpartition("/")[2]
    if last == "weight" and len(shape) == 4 and shape[:3] != (1, 1, 1):
        limit = np.sqrt(6 / (shape[0] * shape[1] * (shape[2] + shape[3])))
        values = state.uniform(-limit, limit, shape)
    elif last == "weight":
        values = 1 + 0.1 * state.standard_normal(shape)
    elif last == "running_var":
        values = 1 + 0.5 * state.uniform(0, 1, shape)
    else:
        values = 0.1 * state.standard_normal(shape)
    return values.astype(np.float32)


@pytest.mark.parametrize(("net", "ours"), [("S3FD", s3fd.shapes), ("FAN", fan.shapes)])
def test_our_networks_have_the_weights_of_theirs(recorded_shapes, net, ours):
    theirs = {key.removesuffix(":0"): tuple(shape) for key, shape in recorded_shapes[net].items()}
    assert ours() == theirs


def test_s3fd_gives_the_recorded_levels(recorded, recorded_shapes):
    network = S3FD(drawn_weights("S3FD", recorded_shapes["S3FD"]))
    levels = network.levels(recorded["s3fd_input_rgb"])
    for name, (score, offset) in zip(("f3", "f4", "f5", "fc7", "conv6_2", "conv7_2"), levels, strict=True):
        assert np.abs(score - recorded[f"s3fd_{name}_conf"][0]).max() < 1e-5
        assert np.abs(offset - recorded[f"s3fd_{name}_loc"][0]).max() < 1e-5


def test_fan_gives_the_recorded_heat_maps(recorded, recorded_shapes):
    network = FAN(drawn_weights("FAN", recorded_shapes["FAN"]))
    maps = network.maps(recorded["fan_input_rgb"][None] / np.float32(255))[0]
    assert maps.shape == (68, 64, 64)
    assert np.abs(maps[:, 1::4, 2::4] - recorded["fan_heatmaps_sub4"]).max() < 1e-5 * 3316


def test_a_file_without_a_weight_or_with_another_shape_is_refused():
    with pytest.raises(MissingWeights):
        S3FD({})
    stored = {f"{name}:0": np.zeros(shape, np.float32) for name, shape in s3fd.shapes().items()}
    stored["fc6/bias:0"] = np.zeros(7, np.float32)
    with pytest.raises(WeightMismatch):
        S3FD(stored)
