"""Gradient checkpointing: results inside a part of a network are not kept for the way back, but computed again there.

T. Chen et al., Training Deep Nets with Sublinear Memory Cost, 2016. `keras.remat` does not do here: it lets several parts be
computed again at the same time, so that the memory of all is needed after all. Here one waits for the other.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import keras
import tensorflow as tf

from models.engine.tensorflow.weight_values import using, values_of

_segments: ContextVar["Segments | None"] = ContextVar("segments", default=None)


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
        with activated(Segments()):
            return compute_losses(batch)

    return compute


class Segments:
    """Those of one pass forward and back."""

    def __init__(self):
        self.finished: list = []  # the gradients of the segment that was computed again last

    def run(self, compute: Callable, inputs: tuple, weights: list[keras.Variable]):
        @tf.custom_gradient
        def forward(*arguments):
            results = compute_with(arguments)

            def backward(*upstream):
                with tf.control_dependencies([*upstream, *self.finished]):  # after this, and one at a time
                    again = [tf.identity(argument) for argument in arguments]
                with tf.GradientTape() as tape:
                    tape.watch(again)
                    results = compute_with(again)
                gradients = tape.gradient(
                    results, again, output_gradients=upstream, unconnected_gradients=tf.UnconnectedGradients.ZERO
                )
                self.finished = gradients[len(inputs) :] or gradients  # those of inputs may not be wanted: pictures
                return gradients

            return results, backward

        def compute_with(arguments):
            given, tensors = arguments[: len(inputs)], arguments[len(inputs) :]
            pairs = zip(weights, tensors, strict=True)
            with activated(None), using({id(weight): (weight, tensor) for weight, tensor in pairs}):
                return compute(*given)

        return forward(*inputs, *values_of(weights))


@contextmanager
def activated(segments: Segments | None) -> Iterator[None]:
    token = _segments.set(segments)
    try:
        yield
    finally:
        _segments.reset(token)
