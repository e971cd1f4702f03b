"""TensorFlow as `models.engine.engine.Engine`."""

import tensorflow as tf

from models.engine.tensorflow.capacity import peak_gpu_memory, products, seconds_of_convolution
from models.engine.tensorflow.checkpointing import Segments
from models.engine.tensorflow.distribute import computing_devices, weights_on
from models.engine.tensorflow.in_place import approach, scaled_step, squared_difference
from models.engine.tensorflow.train_step import (
    compile_forward,
    compile_step,
    global_norm,
    in_passes,
    losses_and_gradients,
)

ComputeError = tf.errors.OpError
on, put, leaky_relu = tf.device, tf.convert_to_tensor, tf.nn.leaky_relu


def uniform(stream: int, iteration, shape: tuple):
    return tf.random.stateless_uniform(shape, seed=tf.stack([stream, tf.cast(iteration, tf.int32)]), alg="philox")


__all__ = [
    "ComputeError", "Segments", "approach", "compile_forward", "compile_step", "computing_devices", "global_norm", "in_passes",
    "leaky_relu", "losses_and_gradients", "on", "peak_gpu_memory", "products", "put", "scaled_step", "seconds_of_convolution",
    "squared_difference", "uniform", "weights_on",
]  # fmt: skip
