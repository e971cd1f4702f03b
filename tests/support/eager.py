"""Steps computed as they are written, for tests of so few steps that compiling them would take longer."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def computing_eagerly() -> Iterator[None]:
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)
