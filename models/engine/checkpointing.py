"""Gradient checkpointing: results inside a part of a network are not kept for the way back, but computed again there.

T. Chen et al., Training Deep Nets with Sublinear Memory Cost, 2016.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import keras

from models.engine.engine import engine

_segments: ContextVar = ContextVar("segments", default=None)  # of the engine


def segment(compute: Callable, *layers: keras.layers.Layer) -> Callable:
    """`compute` as a function of tensors that is computed again on the way back, if a step is traced with `checkpointing`.

    layers  whose weights it uses; it may use no others
    """

    def run(*inputs):
        segments = _segments.get()
        if segments is None:
            return compute(*inputs)
        return segments.run(compute, inputs, [weight for layer in layers for weight in layer.weights])

    return run


def checkpointing(compute_losses: Callable) -> Callable:
    """`compute_losses`, traced so that every `segment` in it keeps nothing but its inputs."""

    def compute(batch):
        with activated(engine().Segments()):
            return compute_losses(batch)

    return compute


@contextmanager
def activated(segments) -> Iterator[None]:
    """None: segments inside are plain functions."""
    token = _segments.set(segments)
    try:
        yield
    finally:
        _segments.reset(token)
