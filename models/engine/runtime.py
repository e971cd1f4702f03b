"""The engine before its first use: quiet import, devices, memory growth, seeds. Call `prepare` before any other model code.

Importing this module loads nothing; `prepare` does.
"""

import contextlib
import gc
import importlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec

from models.engine.engine import DEFAULT, ENGINES


def prepare(
    devices: Sequence[int] | str | None = None,
    *,
    engine: str | None = None,
    deterministic: bool = False,
    seed: int | None = None,
) -> list:
    """Load the engine without its banners and choose where it computes.

    devices        None: every GPU there is; "cpu": none; indices: these GPUs
    engine         one of ENGINES; None: the one in use, which is TensorFlow unless KERAS_BACKEND names another
    deterministic  same seed, same numbers on the same machine (some GPU operations get slower)
    seed           of every generator in the process, for operations that take none of their own
    returns        names of the GPUs in use, empty on CPU
    Raises NoSuchDevice for an index without a GPU, MissingEngine, EngineInUse.
    """
    name = engine or backend()
    if not installed(name):
        raise MissingEngine(name)
    if "keras" in sys.modules and sys.modules["keras"].backend.backend() != name:
        raise EngineInUse(name)
    os.environ["KERAS_BACKEND"] = name
    os.environ.setdefault(
        "CUDA_DEVICE_ORDER", "PCI_BUS_ID"
    )  # so that an index means the card nvidia-smi lists under it
    start = importlib.import_module(f"models.engine.{name}.start")  # loads nothing either
    with quiet_stderr(), no_collection(name):
        gpus = start.load(devices, deterministic=deterministic)
        import keras  # noqa: F401

        if seed is not None or deterministic:
            start.seed(0 if seed is None else seed)  # determinism refuses unseeded operations
    return gpus


def backend() -> str:
    """The engine that is in use, or would be."""
    wanted = os.environ.get("KERAS_BACKEND")
    return wanted if wanted in ENGINES else DEFAULT


def installed(name: str) -> bool:
    return find_spec(name) is not None


class MissingEngine(ImportError):
    """An engine was asked for that is not installed."""

    def __init__(self, engine: str):
        super().__init__(f"{engine} is not installed")
        self.engine = engine


class EngineInUse(RuntimeError):
    """A second engine was asked for in one process."""

    def __init__(self, engine: str):
        super().__init__(f"{engine} cannot be loaded beside another engine")
        self.engine = engine


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
def no_collection(engine: str) -> Iterator[None]:
    """Let Python look for no garbage while `engine` is imported, and never among what stays of that.

    It finds none there, and takes a fifth of the time from the start to the first step.
    """
    if engine in sys.modules or not gc.isenabled():
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
