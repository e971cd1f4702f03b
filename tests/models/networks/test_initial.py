import numpy as np
import pytest

from models.classes.saehd import SAEHD
from models.networks.initial import initial_weight


@pytest.mark.parametrize(("shape", "fans"), [((3, 3, 64, 128), 9 * 192), ((1, 1, 200, 300), 500), ((900, 100), 1000)])
def test_kernels_are_uniform_within_glorots_limit(shape, fans):
    weight, limit = initial_weight("net/layer/weight", shape, 3), np.sqrt(6 / fans)
    assert weight.dtype == np.float32 and weight.shape == shape
    assert np.abs(weight).max() <= limit
    assert weight.std() == pytest.approx(limit / np.sqrt(3), rel=0.02)
    assert abs(weight.mean()) < limit / 50


def test_biases_start_at_zero():
    assert not np.any(initial_weight("net/layer/bias", (32,), 3))


def test_a_seed_gives_the_same_model_and_every_part_its_own_weights(answers):
    one, same, other = (SAEHD.build(answers(), seed=seed).weights() for seed in (1, 1, 2))
    kernels = [key for key, weight in one.items() if weight.ndim > 1]
    assert all(np.array_equal(one[key], same[key]) for key in one)
    assert all(np.any(one[key] != other[key]) for key in kernels)
    assert np.any(one["decoder_src/res0/conv1/weight"] != one["decoder_dst/res0/conv1/weight"])
    assert np.any(one["decoder_src/res0/conv1/weight"] != one["decoder_src/res0/conv2/weight"])
