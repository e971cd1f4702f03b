"""XSeg's network against what the reference's gave with the same weights, drawn by rule."""

import zlib

import numpy as np
import pytest

from models.classes.xseg import XSEG
from models.networks.initial import named_weights
from models.networks.xseg import BlurPool, ResponseNorm, ThresholdedUnit, XSegNetwork
from xseg_weights import recorded_weights

LOGITS = 5e-4  # after 80 layers; measured 7e-5


@pytest.fixture(scope="module")
def recorded(fixtures):
    with np.load(fixtures / "xseg" / "network.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def network(fixtures):
    built = XSegNetwork(skips=True, name="XSeg")
    built(np.zeros((1, 256, 256, 3), np.float32))
    weights = recorded_weights(fixtures)
    for path, variable in named_weights(built).items():
        variable.assign(weights[f"XSeg/{path}"])
    return built


def test_its_weights_are_those_of_the_reference_in_its_order(network, recorded):
    weights = {path: np.asarray(variable) for path, variable in named_weights(network).items()}
    (part,) = XSEG.layout({}).parts
    assert [*part.tensors] == [*recorded["weight_names"]]
    assert {path: weight.shape for path, weight in weights.items()} == part.tensors
    assert [zlib.crc32(weights[name].tobytes()) for name in part.tensors] == [*recorded["weight_crc"]]


@pytest.mark.parametrize(("skips", "case"), [(True, ""), (False, "_pretrain")])
def test_pictures_become_the_recorded_masks(network, recorded, skips, case):
    network.skips = skips
    logits = np.asarray(network(recorded["input"].astype(np.float32) / 255))
    network.skips = True
    assert logits.shape == (2, 256, 256, 1)
    np.testing.assert_allclose(logits[:, ::4, ::4], recorded[f"logits_sub4{case}"], atol=LOGITS)
    found = [[face.mean(), face.std(), face.min(), face.max()] for face in logits.astype(np.float64)]
    np.testing.assert_allclose(found, recorded[f"logits_stat{case}"], atol=LOGITS)


@pytest.mark.parametrize(("size", "row"), [(2, [1, 1]), (3, [1, 2, 1]), (4, [1, 3, 3, 1])])
def test_a_blur_pool_spreads_a_point_by_the_binomial_row(size, row):
    """Each pixel of the pooled map has a window of `size`, which begins (size - 1) // 2 before its first pixel."""
    x = np.zeros((1, 8, 8, 1), np.float32)
    x[0, 2, 4] = 1
    weights = np.outer(row, row) / np.sum(row) ** 2
    pooled, expected, before = np.asarray(BlurPool(size, name="bp")(x))[0, ..., 0], np.zeros((4, 4)), (size - 1) // 2
    for i, j in np.ndindex(4, 4):
        across, along = 2 - (2 * i - before), 4 - (2 * j - before)
        if 0 <= across < size and 0 <= along < size:
            expected[i, j] = weights[across, along]
    np.testing.assert_allclose(pooled, expected, atol=1e-7)


def test_response_norm_takes_each_channel_of_each_face_to_a_mean_square_of_one():
    norm, x = ResponseNorm(name="frn"), np.random.default_rng(1).normal(3, 2, (2, 8, 8, 4)).astype(np.float32)
    norm.build(x.shape)
    norm.weight.assign([1, 1, 2, 1])
    norm.bias.assign([0, 0, 0, 5])
    y = np.asarray(norm(x))
    np.testing.assert_allclose(np.mean(y[..., :2] ** 2, axis=(1, 2)), 1, rtol=1e-5)
    np.testing.assert_allclose(np.mean(y[..., 2] ** 2, axis=(1, 2)), 4, rtol=1e-5)
    np.testing.assert_allclose(np.mean((y[..., 3] - 5) ** 2, axis=(1, 2)), 1, rtol=1e-5)


def test_a_thresholded_unit_has_a_corner_for_each_channel():
    unit = ThresholdedUnit(name="tlu")
    unit.build((None, 1, 1, 2))
    unit.tau.assign([-1, 0.5])
    np.testing.assert_array_equal(unit(np.array([[[[-3.0, 0.25]], [[0.0, 2.0]]]])), [[[[-1, 0.5]], [[0, 2]]]])
