"""Activations whose gradient JAX defines in another way than TensorFlow."""

import jax.numpy as jnp


def leaky_relu(x, slope: float):
    return jnp.where(x > 0, x, slope * x)  # that of JAX has a gradient of 1 at 0
