"""Gradient checkpointing, one segment after the other.

`keras.remat` does not do here: it lets several parts be computed again at the same time, so that the memory of all is needed after
all. Here one waits for the other.
"""

from collections.abc import Callable

import keras
import tensorflow as tf

from models.engine.checkpointing import activated
from models.engine.tensorflow.weight_values import using, values_of


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
