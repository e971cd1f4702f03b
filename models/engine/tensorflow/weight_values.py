"""Weights as tensors, read once for a step and handed to everything that computes with them.

Without it each use reads a weight by itself. Where weights lie in the computer's memory, each such read crosses to the GPU.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import keras
import tensorflow as tf

_values: ContextVar[dict | None] = ContextVar("values", default=None)  # id of a weight -> its tensor


@contextmanager
def read_once(weights: Iterable[keras.Variable]) -> Iterator[None]:
    """Inside it layers compute with one tensor for each of `weights`, read on the present device.

    Within another one only what that has not read is read.
    """
    outer = _values.get() or {}
    values = {id(weight): (weight, tf.convert_to_tensor(weight.value)) for weight in weights if id(weight) not in outer}
    with using({**outer, **values}):
        yield


@contextmanager
def using(values: dict) -> Iterator[None]:
    """Inside it layers compute with `values`: id of a weight -> (weight, tensor). Weights that it lacks read themselves."""
    token = _values.set(values)
    try:
        with keras.StatelessScope(state_mapping=values.values()):
            yield
    finally:
        _values.reset(token)


def values_of(weights: Sequence[keras.Variable]) -> list:
    """The tensors that stand for `weights`; `read_once` has read them."""
    values = _values.get()
    return [values[id(weight)][1] for weight in weights]
