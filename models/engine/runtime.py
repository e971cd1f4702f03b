"""TensorFlow before its first use: quiet import, devices, memory growth, seeds. Call `prepare` before any other model code.

Importing this module loads nothing; `prepare` does.
"""

import contextlib
import gc
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence


def prepare(
    devices: Sequence[int] | str | None = None, *, deterministic: bool = False, seed: int | None = None
) -> list:
    """Load TensorFlow without its banners and choose where it computes.

    devices        None: every GPU there is; "cpu": none; indices: these GPUs
    deterministic  same seed, same numbers on the same machine (some GPU operations get slower)
    seed           of every generator in the process, for operations that take none of their own
    returns        names of the GPUs in use, empty on CPU
    Raises NoSuchDevice for an index without a GPU.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # 3: fatal only
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault(
        "CUDA_DEVICE_ORDER", "PCI_BUS_ID"
    )  # so that an index means the card nvidia-smi lists under it
    with quiet_stderr(), no_collection():
        import keras
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        chosen = choose(gpus, devices)
        if gpus:
            tf.config.set_visible_devices(chosen, "GPU")
    for gpu in chosen:
        tf.config.experimental.set_memory_growth(gpu, True)
    if deterministic:
        keras.utils.set_random_seed(0 if seed is None else seed)  # determinism refuses unseeded operations
        tf.config.experimental.enable_op_determinism()
    elif seed is not None:
        keras.utils.set_random_seed(seed)
    return [gpu.name for gpu in chosen]


class NoSuchDevice(ValueError):
    """A GPU was asked for by an index that none has."""

    def __init__(self, index: int, count: int):
        super().__init__(f"no GPU {index}; there are {count}")
        self.index, self.count = index, count


def choose(gpus: Sequence, devices: Sequence[int] | str | None) -> list:
    """The members of `gpus` that `devices` (see `prepare`) names."""
    if devices is None:
        return list(gpus)
    if devices == "cpu":
        return []
    for index in devices:
        if not 0 <= index < len(gpus):
            raise NoSuchDevice(index, len(gpus))
    return [gpus[index] for index in devices]


@contextlib.contextmanager
def no_collection() -> Iterator[None]:
    """Let Python look for no garbage while TensorFlow is imported, and never among what stays of that.

    It finds none there, and takes a fifth of the time from the start to the first step.
    """
    if "tensorflow" in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Hold back what native libraries write to the error stream; shown after all if the block raises."""
    try:
        own = os.dup(2)
    except OSError:  # a service may run without an error stream
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(own, 2)
            held.seek(0)
            os.write(2, held.read())
            raise
        finally:
            os.dup2(own, 2)
            os.close(own)
