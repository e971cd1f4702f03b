"""Both engines compute the same. Each in a process of its own, because a process has one."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
STEPS = ROOT / "tests" / "support" / "engine_steps.py"
VARIANTS = ("SAEHD df", "SAEHD liae", "AMP", "Quick96", "sparing", "bfloat16", "float16")
NARROW = ("bfloat16", "float16")
RECORDED = (
    "tests/models/test_optimizers.py",
    "tests/models/engine/test_train_step.py::test_three_steps_are_the_references[adabelief]",
    "tests/models/engine/test_train_step.py::test_three_steps_are_the_references[rmsprop_clip]",
    "tests/models/engine/test_train_step.py::test_careful_steps_are_shorter_and_carefulness_ends_without_a_trace",
)
# Compiling takes most of the time, and code this small need not be quick.
HASTY = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
needs_jax = pytest.mark.skipif(find_spec("jax") is None, reason='JAX is not installed: pip install "dfl-trainer[jax]"')
pytestmark = [needs_jax, pytest.mark.timeout(1800)]


def run(*arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "XLA_FLAGS": HASTY, **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def steps(tmp_path_factory) -> dict[str, dict[str, np.ndarray]]:
    """Engine -> what `engine_steps.py` wrote."""
    found = {}
    for engine in ("tensorflow", "jax"):
        file = tmp_path_factory.mktemp(engine) / "steps.npz"
        run(str(STEPS), engine, str(file))
        with np.load(file) as arrays:
            found[engine] = dict(arrays)
    return found


def of(steps: dict, engine: str, variant: str) -> dict[str, np.ndarray]:
    return {key.partition(":")[2]: array for key, array in steps[engine].items() if key.partition(":")[0] == variant}


def first_gradients(arrays: dict) -> dict[str, np.ndarray]:
    """Of the first step, which the slots still hold: a tenth of them, or of their squares."""
    means = {key: 10 * slot for key, slot in arrays.items() if key.startswith("1/") and "/ms_" in key}
    return means or {key: np.sqrt(10 * slot) for key, slot in arrays.items() if key.startswith("1/") and "/acc_" in key}


def norm(array: np.ndarray) -> float:
    return float(np.linalg.norm(array.astype(np.float64)))


def test_recorded_steps_are_those_of_jax_too():
    """TensorFlow's share of them runs with the other tests."""
    said = run("-m", "pytest", "-q", "-p", "no:cacheprovider", *RECORDED, KERAS_BACKEND="jax")
    assert "passed" in said and "skipped" not in said


@pytest.mark.parametrize("variant", VARIANTS)
def test_losses_are_the_same(steps, variant):
    ours, theirs = (of(steps, engine, variant) for engine in ("jax", "tensorflow"))
    assert ours.keys() == theirs.keys()
    assert all(ours[f"{step}/applied"] and theirs[f"{step}/applied"] for step in (1, 2))
    first, second = (2e-2, 2e-2) if variant in NARROW else (4e-6, 4e-5)
    np.testing.assert_allclose(ours["1/losses"], theirs["1/losses"], rtol=first)
    np.testing.assert_allclose(ours["2/losses"], theirs["2/losses"], rtol=second)


@pytest.mark.parametrize("variant", [variant for variant in VARIANTS if variant not in NARROW])
def test_gradients_are_the_same(steps, variant):
    ours, theirs = (first_gradients(of(steps, engine, variant)) for engine in ("jax", "tensorflow"))
    assert ours.keys() == theirs.keys() and ours
    for key, array in theirs.items():
        assert norm(ours[key] - array) <= 1e-3 * norm(array) + 2e-7 * array.size**0.5, key


@pytest.mark.parametrize("variant", VARIANTS)
def test_saves_have_the_same_keys_shapes_and_types(steps, variant):
    ours, theirs = (of(steps, engine, variant) for engine in ("jax", "tensorflow"))
    for key, array in theirs.items():
        assert (ours[key].shape, ours[key].dtype) == (array.shape, array.dtype), key


@pytest.mark.parametrize("variant", VARIANTS)
def test_numbers_that_are_not_finite_change_nothing_on_either(steps, variant):
    for engine in ("jax", "tensorflow"):
        assert of(steps, engine, variant)["refused"] and of(steps, engine, variant)["kept"]


@pytest.mark.parametrize("variant", [variant for variant in VARIANTS if variant not in NARROW])
def test_swaps_are_the_same(steps, variant):
    ours, theirs = (of(steps, engine, variant) for engine in ("jax", "tensorflow"))
    for name in ("swap", "mask"):
        np.testing.assert_allclose(ours[name], theirs[name], atol=1e-3)


def test_what_is_drawn_at_random_is_the_same_bit_for_bit(steps):
    ours, theirs = (of(steps, engine, "random") for engine in ("jax", "tensorflow"))
    for name in ("mask", "choice"):
        np.testing.assert_array_equal(ours[name], theirs[name])
