"""Against ten recorded steps of the reference, dropout masks injected."""

import keras
import numpy as np
import pytest
from keras import ops

from closeness import FLOAT32, assert_same_numbers
from models.optimizers import AdaBelief, CosineWave, RMSprop

CASES = {  # learning rate, clip norm, dropout, cosine period
    "plain": (5e-5, None, False, 0),
    "lr1e-2": (1e-2, None, False, 0),
    "clip1": (1e-2, 1.0, False, 0),
    "drop03": (1e-2, None, True, 0),
    "cos500": (1e-2, None, False, 500),
    "cos10": (1e-2, None, False, 10),
    "all": (1e-2, 1.0, True, 500),
}


@pytest.mark.parametrize("kind", [AdaBelief, RMSprop])
@pytest.mark.parametrize("tag", CASES)
def test_ten_steps_are_as_recorded(recorded, kind, tag):
    case, name = recorded("optimizers"), f"{kind.__name__}_{tag}"
    rate, clip_norm, dropout, period = CASES[tag]

    def recorded_mask(iteration, path, shape):
        return ops.take(case[f"{name}_mask_{path}"], iteration, axis=0)

    variables = [keras.Variable(case[f"init_{path}"], name=path) for path in "ab"]
    optimizer = kind(
        CosineWave(rate, period) if period else rate,
        clip_norm=clip_norm,
        draw_mask=recorded_mask if dropout else None,
    )
    optimizer.build(variables)
    for step in range(10):
        optimizer.apply([case[f"grads_{path}"][step] for path in "ab"], variables)
        for path, variable in zip("ab", variables, strict=True):
            assert_same_numbers(np.asarray(variable), case[f"{name}_{path}"][step], step=FLOAT32)
    for key, variable in optimizer.state().items():
        assert_same_numbers(np.asarray(variable), case[f"{name}_state_opt.{key}_0"], step=FLOAT32)


def test_a_weight_without_gradient_keeps_its_slots_and_place():
    moved, frozen = (
        keras.Variable(np.ones(3, "float32"), name="moved"),
        keras.Variable(np.ones(2, "float32"), name="still"),
    )
    optimizer = AdaBelief(0.1)
    optimizer.build([moved, frozen])
    optimizer.apply([np.ones(3, "float32")], [moved])
    assert set(optimizer.state()) == {"iters", "ms_moved_0", "vs_moved_0", "ms_still_0", "vs_still_0"}
    assert np.all(np.asarray(moved) < 1) and np.all(np.asarray(frozen) == 1)
    assert not np.any(optimizer.state()["ms_still_0"])
