"""What a step moves, how a batch goes through it, and what comes of it. Loads no framework but Keras."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import keras
import numpy as np


class Objective(NamedTuple):
    """A loss, and the only variables it moves."""

    loss: str  # its key among the computed losses
    optimizer: keras.optimizers.Optimizer
    variables: list[keras.Variable]


class Passes(NamedTuple):
    """How a batch goes through the networks.

    count    of equal parts, one after the other
    draw     (batch) -> the batch that losses are computed of, with what is drawn at random for all its faces together
    weights  that are read once for all parts
    """

    count: int = 1
    draw: Callable = lambda batch: batch
    weights: Sequence[keras.Variable] = ()


ONE_PASS = Passes()


class StepResult(NamedTuple):
    """What a step found.

    losses      float32 (L,): means of the reported losses before it, in the order of `Model.loss_names`
    applied     False when a loss or a gradient was not finite: nothing has changed, neither weights nor slots nor counters
    overflowed  it was not applied because gradients were too large for float16; the next step scales them by less
    """

    losses: np.ndarray
    applied: bool
    overflowed: bool = False
