"""Quick96 against its golden case."""

import json

import numpy as np
import pytest

from closeness import LOSS
from models.classes.pair_batch import PairBatch
from models.classes.quick96 import QUICK96
from models.classes.quick96_model import reconstruction


@pytest.fixture(scope="module")
def golden(fixtures):
    return json.loads((fixtures / "models" / "golden.json").read_text())["other"]


def golden_batch() -> PairBatch:
    pictures = [np.random.RandomState(seed).rand(4, 96, 96, 3).astype(np.float32) for seed in (20, 21, 22, 23)]
    mask = np.zeros((4, 96, 96, 1), np.float32)
    mask[:, 24:72, 24:72] = 1
    return PairBatch(pictures[0], pictures[1], mask, mask, pictures[2], pictures[3], mask, mask)


def test_a_step_follows_the_reference(eagerly, golden, formula_weight):
    """Learning-rate dropout holds back weights, not what the optimizer knows of the gradients."""
    model, case = QUICK96.build({}, seed=0), golden["Quick96"]
    counts = {name: sum(int(np.prod(v.shape)) for v in part.weights) for name, part in model.parts.items()}
    assert counts == golden["Quick96_params"]
    for name, weight in model.named_weights().items():
        weight.assign(formula_weight(name, weight.shape))
    before = model.weights()

    losses = model.train(golden_batch()).losses
    np.testing.assert_allclose(losses, [case["src_loss"], case["dst_loss"]], rtol=LOSS)
    state = model.optimizer_state()
    names = [key.removeprefix("src_dst_opt/acc_").removesuffix("_0") for key in state if "/acc_" in key]
    assert sorted(names) == sorted(name.removesuffix(":0") for name in case["acc_l2"])
    found = [np.linalg.norm(state[f"src_dst_opt/acc_{name}_0"].astype(np.float64)) for name in names]
    recorded = [case["acc_l2"][f"{name}:0"] for name in names]
    # A batch of noise: sums that cancel to a last digit, and their squares. Measured 2e-2 at a bias of 5e-9, 4e-3 else.
    np.testing.assert_allclose(found, recorded, rtol=5e-2)
    np.testing.assert_allclose(np.median(found), np.median(recorded), rtol=1e-2)

    moved = np.mean([np.mean(weight != before[key]) for key, weight in model.weights().items() if weight.size > 10**4])
    assert 0.28 < moved < 0.32


def test_errors_outside_the_mask_count_less_the_farther_out():
    truth, mask = np.zeros((1, 96, 96, 3), np.float32), np.zeros((1, 96, 96, 1), np.float32)
    mask[:, 40:56, 40:56] = 1

    def loss_of_a_spot_at(row: int) -> float:
        guess = truth.copy()
        guess[:, row, 48] = 1
        return float(reconstruction(truth, mask, guess, mask)[0])

    inside, edge, outside = (loss_of_a_spot_at(row) for row in (48, 39, 80))
    assert inside > edge > outside == 0
