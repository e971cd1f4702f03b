"""The number format that networks compute in. Weights, slots, losses and final sigmoids are float32 whatever it is.

float16 has too small a range for gradients: losses are multiplied by a scale before gradients are taken, which are divided by
it again (Micikevicius et al., Mixed Precision Training, 2018). bfloat16 has the range of float32 and needs none.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache

import keras
import numpy as np
from keras import ops

from models.engine.engine import engine

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16", "float16": "mixed_float16"}
POLICIES["auto"] = POLICIES["float32"]  # unless whoever trains has tried what is quick
FIRST_SCALE, LEAST_SCALE, LARGEST_SCALE = 2.0**13, 1.0, 2.0**24
GROWTH_STEPS = 1000  # applied steps after which a larger scale is tried
TRIALS = 5  # of each precision; the best one counts
LONG_ENOUGH = 0.005  # seconds of a trial, beside which the interpreter does not matter
LARGEST_TRIAL = 1024  # faces


@contextmanager
def computing_in(precision: str) -> Iterator[None]:
    """Inside it, new layers compute in `precision`, a key of POLICIES."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(POLICIES[precision])
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


@cache
def speedup(precision: str) -> float:
    """How many times as fast as in float32 this device computes a convolution and its gradients; 0: not at all. Under a second.

    Not for float16 on a processor, which takes minutes.
    """
    try:
        rough = ratio(precision, batch=1, trials=2)  # the first trial also loads code
        if rough < 0.5:  # without instructions for it, where a larger trial takes long
            return rough
        batch = 8
        while engine().seconds_of_convolution("float32", batch) < LONG_ENOUGH and batch < LARGEST_TRIAL:
            batch *= 2
        return ratio(precision, batch=batch, trials=TRIALS)
    except engine().ComputeError:
        return 0.0


def ratio(precision: str, *, batch: int, trials: int) -> float:
    """How many times as fast; both are tried in turns, and the best of each counts."""
    rounds = [
        (engine().seconds_of_convolution("float32", batch), engine().seconds_of_convolution(precision, batch))
        for _ in range(trials)
    ]
    single, narrow = map(min, zip(*rounds, strict=True))
    return single / narrow


class LossScale:
    """By what losses are multiplied before gradients are taken. Powers of two, so that only over- and underflow differ."""

    def __init__(self):
        self.value = keras.Variable(FIRST_SCALE, dtype="float32", trainable=False, name="loss_scale")
        self.steps = keras.Variable(0, dtype="int64", trainable=False, name="loss_scale_steps")  # applied at this scale

    def after(self, applied, overflowed) -> None:
        """Inside the compiled step. overflowed: gradients were too large for float16 while the losses were finite."""
        steps = ops.where(applied, self.steps.value + 1, ops.zeros_like(self.steps.value))
        grows = steps >= GROWTH_STEPS
        factor = ops.where(overflowed, 0.5, ops.where(grows, 2.0, 1.0))
        self.value.assign(ops.clip(self.value.value * ops.cast(factor, "float32"), LEAST_SCALE, LARGEST_SCALE))
        self.steps.assign(ops.where(grows, ops.zeros_like(steps), steps))

    def state(self) -> dict[str, keras.Variable]:
        """By the keys under which they are saved."""
        return {"loss_scale/value": self.value, "loss_scale/steps": self.steps}

    def load(self, stored: Mapping[str, np.ndarray]) -> None:
        """Take over what `state` gave; without it, start over."""
        self.value.assign(np.float32(stored.get("loss_scale/value", FIRST_SCALE)))
        self.steps.assign(np.int64(stored.get("loss_scale/steps", 0)))
