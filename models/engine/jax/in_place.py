"""Updates of slots and weights. A compiled step has their memory to itself, and XLA makes one pass over it of all of this."""

import jax.numpy as jnp


def approach(slot, value, share: float) -> None:
    slot.assign(slot.value - share * (slot.value - value))


def squared_difference(a, b):
    return jnp.square(a - b)


def scaled_step(variable, direction, slot, *, rate, epsilon: float) -> None:
    """`variable` is a Keras variable."""
    variable.assign(variable.value - rate * direction / (jnp.sqrt(slot.value) + epsilon))
