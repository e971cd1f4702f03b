"""The reference's files as named arrays, in and out, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.exchange.dfl_checkpoint import (
    NotAWeight,
    read_optimizer,
    read_part,
    unknown_names,
    write_optimizer,
    write_part,
)
from models.layout import Optimizer, Part
from models.weights import MissingWeights, WeightMismatch

PART = Part("GAN", "GAN", "D_src", {"in_conv/weight": (1, 1, 3, 2), "in_conv/bias": (2,)})
OPTIMIZER = Optimizer("GAN_opt", "GAN_opt", (PART,))


@pytest.fixture
def stored() -> dict:
    return {"in_conv/weight:0": np.arange(6, dtype=np.float32).reshape(1, 1, 3, 2), "in_conv/bias:0": np.ones(2, "f4")}


@pytest.fixture
def slots(stored) -> dict:
    names = {"ms_D_src/in_conv/weight_0:0": "in_conv/weight:0", "ms_D_src/in_conv/bias_0:0": "in_conv/bias:0"}
    return {"iters:0": np.int64(7)} | {slot: stored[name] for slot, name in names.items()}


def test_a_file_becomes_our_names_and_back_again(stored):
    weights = read_part(PART, stored)
    assert list(weights) == ["GAN/in_conv/weight", "GAN/in_conv/bias"]
    back = write_part(PART, weights)
    assert list(back) == list(stored)
    assert all(np.array_equal(back[name], stored[name]) for name in stored)


def test_slots_and_counter_become_our_names_and_back_again(slots):
    state = read_optimizer(OPTIMIZER, slots)
    assert list(state) == ["GAN_opt/iters", "GAN_opt/ms_D_src/in_conv/weight_0", "GAN_opt/ms_D_src/in_conv/bias_0"]
    back = write_optimizer(OPTIMIZER, state)
    assert list(back) == list(slots)
    assert type(back["iters:0"]) is np.int64
    assert back["iters:0"] == 7


@pytest.mark.parametrize("shape", [(1, 1, 2, 3), (6,), (1, 1, 3, 3), ()])
def test_an_array_of_another_shape_is_named_with_both_shapes(stored, shape):
    stored["in_conv/weight:0"] = np.zeros(shape, np.float32)
    with pytest.raises(WeightMismatch) as caught:
        read_part(PART, stored)
    assert (caught.value.name, caught.value.found_shape) == ("in_conv/weight:0", shape)
    assert caught.value.expected_shape == (1, 1, 3, 2)


def test_missing_weights_are_named(stored):
    del stored["in_conv/bias:0"]
    with pytest.raises(MissingWeights) as caught:
        read_part(PART, stored)
    assert caught.value.names == ["in_conv/bias:0"]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (np.zeros(2, np.int32), "int32"),
        ([0.0, 0.0], "list"),
        (np.array([0, np.nan], "f4"), "nan"),
        (np.array([0, 1e300]), "nan"),
        (None, "NoneType"),
    ],
)
def test_what_is_no_array_of_finite_numbers_is_refused(stored, value, found):
    stored["in_conv/bias:0"] = value
    with pytest.raises(NotAWeight) as caught:
        read_part(PART, stored)
    assert (caught.value.name, caught.value.found) == ("in_conv/bias:0", found)


def test_weights_become_float32_whatever_the_file_has(stored):
    stored["in_conv/bias:0"] = np.array([0.5, 2], ">f8")
    bias = read_part(PART, stored)["GAN/in_conv/bias"]
    assert (bias.dtype, bias.tolist()) == (np.float32, [0.5, 2.0])


def test_slots_of_another_optimizer_are_kept_by_their_name(slots):
    renamed = {name.replace("ms_", "acc_"): value for name, value in slots.items()}
    assert "GAN_opt/acc_D_src/in_conv/bias_0" in read_optimizer(OPTIMIZER, renamed)


def test_a_network_may_have_no_slots_but_not_some_of_them(slots):
    assert list(read_optimizer(OPTIMIZER, {"iters:0": np.int64(3)})) == ["GAN_opt/iters"]
    del slots["ms_D_src/in_conv/bias_0:0"]
    with pytest.raises(MissingWeights) as caught:
        read_optimizer(OPTIMIZER, slots)
    assert caught.value.names == ["ms_D_src/in_conv/bias_0:0"]


@pytest.mark.parametrize("value", [-1, 1.5, "3", None, 2**63, np.zeros(2, np.int64), True])
def test_a_counter_is_a_whole_number(slots, value):
    slots["iters:0"] = value
    with pytest.raises(NotAWeight):
        read_optimizer(OPTIMIZER, slots)


def test_names_without_a_place_are_listed(stored, slots):
    assert unknown_names(PART, stored | {"fc/weight:0": 0}) == ["fc/weight:0"]
    assert unknown_names(OPTIMIZER, slots | {"ms_GAN/in_conv/bias_0:0": 0}) == ["ms_GAN/in_conv/bias_0:0"]


def test_a_part_the_model_lacks_makes_no_file():
    assert write_part(PART, {}) == {}
    assert write_optimizer(OPTIMIZER, {}) == {}


@given(st.binary(min_size=24, max_size=24))
def test_any_finite_weights_survive_to_the_last_bit(raw):
    array = np.frombuffer(raw, np.float32).reshape(1, 1, 3, 2)
    array = np.where(np.isfinite(array), array, np.float32(0))
    stored = {"in_conv/weight:0": array, "in_conv/bias:0": np.zeros(2, np.float32)}
    back = write_part(PART, read_part(PART, stored))
    assert back["in_conv/weight:0"].tobytes() == array.tobytes()
