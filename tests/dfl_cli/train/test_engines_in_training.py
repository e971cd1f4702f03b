"""A training on JAX: saved, resumed, and continued on the other engine."""

from importlib.util import find_spec

import numpy as np
import pytest

from models import weights

pytestmark = [
    pytest.mark.skipif(find_spec("jax") is None, reason='JAX is not installed: pip install "dfl-trainer[jax]"'),
    pytest.mark.timeout(1800),
]
OPTIONS = ("--silent-start", "--seed=3", "--no-preview", "--lr-dropout=y")


def train(trainer, engine: str, target: int, name: str = "ab") -> str:
    done = trainer.run(*OPTIONS, f"--engine={engine}", f"--target-iter={target}", name=name)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def saved(trainer, name: str = "ab") -> tuple[int, dict[str, np.ndarray]]:
    newest = trainer.model(name).newest()[0]
    return newest.state()["iteration"], weights.load(newest.weights_file)


def losses(trainer, name: str = "ab") -> list[list[str]]:
    lines = (trainer.model(name).folder / "loss.csv").read_text().splitlines()[1:]
    return [line.split(",") for line in lines]


def test_a_model_goes_from_engine_to_engine(trainer):
    """Two iterations on JAX, one more, and one on TensorFlow, against four on TensorFlow."""
    said = train(trainer, "jax", 2)
    assert "0.55" in said and "TensorFlow" in said  # how fast JAX is on a CPU
    assert saved(trainer)[0] == 2
    train(trainer, "jax", 3)
    train(trainer, "tensorflow", 4)
    train(trainer, "tensorflow", 4, name="other")
    iteration, ours = saved(trainer)
    theirs = saved(trainer, "other")[1]
    assert iteration == 4
    assert ours.keys() == theirs.keys()
    found, expected = (np.array(losses(trainer, name), float) for name in ("ab", "other"))
    assert list(found[:, 0]) == [1, 2, 3, 4]
    np.testing.assert_allclose(found[:, 2:], expected[:, 2:], rtol=1e-3)  # src and dst
