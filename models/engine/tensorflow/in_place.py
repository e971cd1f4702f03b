"""Updates that change slots and weights where they are, by TensorFlow's fused operations: few passes over memory each."""

import tensorflow as tf


def approach(slot, value, share: float) -> None:
    """Let the running mean `slot`, a Keras variable, go `share` of the way to `value`."""
    tf.raw_ops.ResourceApplyGradientDescent(var=slot.value.handle, alpha=share, delta=slot.value - value)


def squared_difference(a, b):
    return tf.math.squared_difference(a, b)


def scaled_step(variable, direction, slot, *, rate, epsilon: float) -> None:
    """variable -= rate * direction / (sqrt(slot) + epsilon), as AdaGrad without its own change of the slot.

    variable  a TensorFlow variable
    slot      a Keras variable
    """
    tf.raw_ops.ResourceApplyAdagradV2(
        var=variable.handle, accum=slot.value.handle, lr=rate, epsilon=epsilon, grad=direction, update_slots=False
    )
