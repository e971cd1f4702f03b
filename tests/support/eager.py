"""Steps computed as they are written, for tests of so few steps that compiling them would take longer."""

from collections.abc import Iterator
from contextlib import contextmanager

from models.engine import runtime


@contextmanager
def computing_eagerly() -> Iterator[None]:
    """On TensorFlow: JAX would compile every operation by itself."""
    if runtime.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)
