"""TensorFlow before its first use. Importing this module loads nothing."""

import os
from collections.abc import Sequence

from models.engine.runtime import choose


def load(devices: Sequence[int] | str | None, *, deterministic: bool) -> list[str]:
    """The names of the GPUs that `devices` chooses, see `models.engine.runtime.prepare`. Raises NoSuchDevice."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # 3: fatal only
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    chosen = choose(gpus, devices)
    if gpus:
        tf.config.set_visible_devices(chosen, "GPU")
    for gpu in chosen:
        tf.config.experimental.set_memory_growth(gpu, True)
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    return [gpu.name for gpu in chosen]


def seed(number: int) -> None:
    """Every generator in the process."""
    import keras

    keras.utils.set_random_seed(number)
