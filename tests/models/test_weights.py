import subprocess
import sys

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models import weights

ARRAYS = st.one_of(
    hnp.arrays(np.float32, hnp.array_shapes(min_dims=0, max_dims=4, max_side=3)), hnp.arrays(np.int64, ())
)


@given(
    arrays=st.dictionaries(st.text(min_size=1, max_size=8).filter(lambda s: s != "__metadata__"), ARRAYS, max_size=4)
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_saved_is_read_back_to_the_bit(tmp_path, arrays):
    weights.save(tmp_path / "a.safetensors", arrays)
    found = weights.load(tmp_path / "a.safetensors")
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype and found[name].shape == array.shape
        assert found[name].tobytes() == array.tobytes()


def test_views_that_are_not_contiguous_are_saved_as_they_look(tmp_path):
    array = np.arange(12, dtype=np.float32).reshape(3, 4).T
    weights.save(tmp_path / "a.safetensors", {"x": array})
    np.testing.assert_array_equal(weights.load(tmp_path / "a.safetensors")["x"], array)


@pytest.mark.parametrize("payload", [b"", b"hello", b"\xff" * 64, b'\x08\0\0\0\0\0\0\0{"a":1}!'])
def test_a_damaged_file_is_named(tmp_path, payload):
    path = tmp_path / "broken.safetensors"
    path.write_bytes(payload)
    with pytest.raises(weights.DamagedWeights) as caught:
        weights.load(path)
    assert caught.value.path == path


@pytest.mark.parametrize("kind", ["int32", "bool", "uint8", "int64"])
def test_weights_that_are_no_floating_point_numbers_are_refused_by_name(tmp_path, kind):
    path = tmp_path / "whole.safetensors"
    weights.save(path, {"encoder/conv/weight": np.zeros((2, 2), kind), "opt/iters": np.int64(3)[()].reshape(())})
    with pytest.raises(weights.DamagedWeights, match=f"encoder/conv/weight: {kind}"):
        weights.load(path)


def test_reading_weights_loads_no_tensorflow():
    code = "import sys, models.weights, models.spec; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


KINDS = st.sampled_from(["bool", "int8", "uint16", "float16", "float32", "int32", "float64", "int64"])
SHAPES = st.lists(st.integers(0, 3), max_size=3).map(tuple)


@given(st.dictionaries(st.text(max_size=12), st.tuples(KINDS, SHAPES)))
def test_files_are_what_the_safetensors_library_writes(chosen):
    rng = np.random.default_rng(0)
    arrays = {name: np.array(9 * rng.random(shape), kind) for name, (kind, shape) in chosen.items()}
    assert b"".join(map(bytes, weights.pieces(arrays))) == safetensors.numpy.save(arrays)


def test_large_arrays_are_not_copied_on_their_way_to_the_file():
    array = np.zeros((4, 5), np.float32)
    assert np.shares_memory(weights.pieces({"x": array})[1], array)
