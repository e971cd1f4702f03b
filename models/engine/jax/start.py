"""JAX before its first use. Importing this module loads nothing."""

import os
import random
from collections.abc import Sequence

from models.engine.runtime import NoSuchDevice


def load(devices: Sequence[int] | str | None, *, deterministic: bool) -> list[str]:
    """The names of the GPUs that `devices` chooses, see `models.engine.runtime.prepare`. Raises NoSuchDevice."""
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # memory is taken as it is needed
    if deterministic:
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_gpu_deterministic_ops=true"
    import jax

    jax.config.update("jax_enable_x64", True)  # counters are int64 and powers float64, as in the files of a model
    if devices == "cpu":
        jax.config.update("jax_platforms", "cpu")
        return []
    if devices is not None:
        jax.config.update("jax_cuda_visible_devices", ",".join(map(str, devices)))
    gpus = [device for device in jax.devices() if device.platform == "gpu"]
    if devices is not None and len(gpus) < len(devices):
        raise NoSuchDevice(max(devices), len(gpus))
    return [f"GPU:{device.id}" for device in gpus]


def seed(number: int) -> None:
    """Every generator in the process; Keras' own function would load TensorFlow. JAX has no generator of its own."""
    import numpy as np

    random.seed(number)
    np.random.seed(number)
