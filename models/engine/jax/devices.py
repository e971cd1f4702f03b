"""Where a model lives, and how several devices share a batch."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec


def device(name: str) -> jax.Device:
    """The one of a name as `GPU:0`."""
    platform, _, index = name.partition(":")
    return next(one for one in jax.devices(platform.lower()) if one.id == int(index))


def gpus() -> list[jax.Device]:
    return [device for device in jax.devices() if device.platform == "gpu"]


def computing_devices() -> list[str]:
    return [f"GPU:{device.id}" for device in gpus()] or ["CPU:0"]


def on(name: str) -> AbstractContextManager:
    return jax.default_device(device(name))


def put(array: np.ndarray) -> jax.Array:
    return jnp.array(array)


def weights_on(*, gpu: bool) -> AbstractContextManager:
    """This engine keeps weights where it computes."""
    return nullcontext()


class Sharing:
    """Every device has all weights and an equal part of the batch."""

    def __init__(self, names: Sequence[str]):
        mesh = Mesh(np.array([device(name) for name in names]), ("faces",))
        self.everywhere, self.split = (NamedSharding(mesh, PartitionSpec(*axes)) for axes in ((), ("faces",)))

    def place(self, values: list, batch) -> tuple:
        """Weights and a batch where a step expects them; what is there already is not moved."""
        return jax.device_put(values, self.everywhere), jax.device_put(batch, self.split)
