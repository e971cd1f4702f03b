"""Moving averages of weights: steadier than the weights themselves, which every step pushes a little off.

The average of Polyak and Juditsky (1992) in its exponential form: average = decay * average + (1 - decay) * weight after each step.
The decay begins low and rises, min(decay, (1 + n) / (10 + n)) after n steps, as TensorFlow's ExponentialMovingAverage does it
with `num_updates`: else the first weights, which are noise, would be seen for 1 / (1 - decay) steps.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import keras
import numpy as np
from keras import ops

from models.weights import MissingWeights, check

STEPS = "steps"  # key of the counter beside the averages


class MovingAverages:
    """One more copy of some weights, which follows them.

    weights  key -> weight; an average has the key of its weight
    decay    0..1, reached after about 9 / (1 - decay) steps
    """

    def __init__(self, weights: Mapping[str, keras.Variable], decay: float):
        self.weights, self.decay = dict(weights), decay
        self.averages = {
            key: keras.Variable(ops.copy(weight), trainable=False, name="average")
            for key, weight in self.weights.items()
        }
        self.steps = keras.Variable(0, dtype="int64", trainable=False, name="average_steps")

    def update(self) -> None:
        """Let the weights of one more step in."""
        share = ops.maximum(1 - self.decay, 9 / (10 + ops.cast(self.steps, "float32")))  # 1 less the decay
        for key, average in self.averages.items():
            average.assign_add(share * (self.weights[key] - average))
        self.steps.assign_add(1)

    def named_state(self) -> dict[str, keras.Variable]:
        """Everything that going on needs."""
        return {**self.averages, STEPS: self.steps}

    def check(self, stored: Mapping[str, np.ndarray], *, reinitialized: Iterable[str]) -> None:
        """Raises WeightMismatch, MissingWeights, their names below `ema/`, unless `load` can take `stored`."""
        wanted = {
            f"ema/{key}": v.shape for key, v in self.named_state().items() if part_of(key) not in set(reinitialized)
        }
        found = {f"ema/{key}": array for key, array in stored.items()}
        if missing := [key for key in wanted if key not in found]:
            raise MissingWeights(missing)
        check(wanted, found)

    def load(self, stored: Mapping[str, np.ndarray], *, reinitialized: Iterable[str]) -> None:
        """Take over what `named_state` held; averages of `reinitialized` parts begin at the weights, and the count at 0."""
        restarted = {key for key in self.averages if part_of(key) in set(reinitialized)}
        for key, average in self.averages.items():
            average.assign(self.weights[key] if key in restarted else stored[key])
        self.steps.assign(0 if restarted else stored[STEPS])

    @contextmanager
    def swapped_in(self) -> Iterator[None]:
        """Inside it the weights have the values of their averages."""
        before = {key: ops.copy(weight) for key, weight in self.weights.items()}
        try:
            for key, average in self.averages.items():
                self.weights[key].assign(average)
            yield
        finally:
            for key, value in before.items():
                self.weights[key].assign(value)


def part_of(key: str) -> str:
    return key.partition("/")[0]
