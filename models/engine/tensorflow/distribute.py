"""Where a model lives, and how several devices share a batch (models.md 6.1)."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import keras
import tensorflow as tf


def weights_on(*, gpu: bool) -> AbstractContextManager:
    return nullcontext() if gpu else tf.device("CPU:0")


def beside(weights: Sequence[keras.Variable]) -> AbstractContextManager:
    """Inside it a step computes where `weights` are, if that is the computer's memory.

    Updates then run there: what crosses to a GPU and back is weights and gradients, but no slots and averages.
    """
    device = weights[0].value.device
    return tf.device(device) if tf.DeviceSpec.from_string(device).device_type == "CPU" else nullcontext()


def computing_devices() -> list[str]:
    gpus = tf.config.list_logical_devices("GPU")
    return [gpu.name for gpu in gpus] or ["CPU:0"]


def shared(compute: Callable, devices: Sequence[str]) -> Callable:
    """`compute` on several devices: each takes an equal part of the batch, all read the same weights.

    compute  (batch) -> (losses, gradients): a dict of (B,) losses, and lists of gradients of their sums
    returns  the same for the whole batch; gradients are means over the devices, as the reference's are
    """
    if len(devices) == 1:

        def compute_there(batch):
            with tf.device(devices[0]):
                return compute(batch)

        return compute_there

    def compute_parts(batch):
        results = []
        for device, part in zip(devices, split(batch, len(devices)), strict=True):
            with tf.device(device):
                results.append(compute(part))
        losses, gradients = zip(*results, strict=True)
        joined = {name: tf.concat([one[name] for one in losses], axis=0) for name in losses[0]}
        return joined, tf.nest.map_structure(lambda *parts: tf.add_n(parts) / len(parts), *gradients)

    return compute_parts


def split(batch, count: int) -> list:
    """`batch`, any nested structure of arrays, as `count` of its kind; the number of faces is a multiple of `count`."""
    pieces = [tf.split(array, count) for array in tf.nest.flatten(batch)]
    return [tf.nest.pack_sequence_as(batch, parts) for parts in zip(*pieces, strict=True)]
