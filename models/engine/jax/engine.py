"""JAX as `models.engine.engine.Engine`."""

from jax.errors import JaxRuntimeError as ComputeError

from models.engine.jax.activation import leaky_relu
from models.engine.jax.capacity import peak_gpu_memory, products, seconds_of_convolution
from models.engine.jax.devices import computing_devices, on, put, weights_on
from models.engine.jax.gradients import Segments, global_norm, in_passes, losses_and_gradients
from models.engine.jax.in_place import approach, scaled_step, squared_difference
from models.engine.jax.train_step import compile_forward, compile_step
from models.engine.jax.uniform import uniform

__all__ = [
    "ComputeError", "Segments", "approach", "compile_forward", "compile_step", "computing_devices", "global_norm", "in_passes",
    "leaky_relu", "losses_and_gradients", "on", "peak_gpu_memory", "products", "put", "scaled_step", "seconds_of_convolution",
    "squared_difference", "uniform", "weights_on",
]  # fmt: skip
