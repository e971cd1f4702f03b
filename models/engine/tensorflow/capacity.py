"""What the device that computes can do at best, and how much of its memory was taken.

One of the few files that name TensorFlow, see `docs/decisions/`.
"""

import time
from collections.abc import Callable

import tensorflow as tf

CHANNELS = ((64, 128), (32, 256))  # (side of the map in pixels, channels in and out) of 3 x 3 convolutions
FACES, ROWS = 4, 2048  # of a convolution's batch; of a square matrix
BURST = 0.02  # seconds
ON_GPU = 8  # times as many of both: there so little work is over before it has begun


def ceiling_gflops(precision: str, *, seconds: float = 1.5) -> float:
    """Billions of operations in a second that this device reaches: the best of large products, forward and both ways back.

    precision  number format of what goes in and comes out
    seconds    spent on it, besides compiling
    """
    kinds = products(precision)
    for work, _ in kinds:
        work()
    best, end = 0.0, time.perf_counter() + seconds
    while not best or time.perf_counter() < end:
        best = max(best, *(gflop * times_a_second(work) for work, gflop in kinds))
    return best


def times_a_second(work: Callable[[], object]) -> float:
    """Of enough calls that a clock can tell."""
    count, took, began = 0, 0.0, time.perf_counter()
    while took < BURST:
        work()
        count, took = count + 1, time.perf_counter() - began
    return count / took


def products(precision: str) -> list[tuple[Callable[[], object], float]]:
    """Each as a function that waits for its result, and its billions of operations."""
    scale = ON_GPU if tf.config.list_logical_devices("GPU") else 1
    found = []
    for side, channels in CHANNELS:
        x = tf.random.normal((FACES * scale, side, side, channels), dtype=precision)
        kernel = tf.random.normal((3, 3, channels, channels), dtype=precision)
        gflop = 2e-9 * FACES * scale * side**2 * 9 * channels**2
        found += [(compiled(one, x, kernel), gflop) for one in (forward, back_to_input, back_to_kernel)]
    rows = ROWS * scale
    matrix = tf.random.normal((rows, rows), dtype=precision)
    return [*found, (compiled(tf.matmul, matrix, matrix), 2e-9 * rows**3)]


def compiled(operation: Callable, *inputs) -> Callable[[], object]:
    """One number of the result is fetched, which waits for all of it."""
    traced = tf.function(lambda *given: tf.reshape(operation(*given), [-1])[0], autograph=False)
    function = traced.get_concrete_function(*inputs)
    return lambda: function(*inputs).numpy()


HOW = {"strides": [1, 1, 1, 1], "padding": "SAME"}


def forward(x, kernel):
    return tf.raw_ops.Conv2D(input=x, filter=kernel, **HOW)


def back_to_input(x, kernel):
    return tf.raw_ops.Conv2DBackpropInput(input_sizes=x.shape, filter=kernel, out_backprop=x, **HOW)


def back_to_kernel(x, kernel):
    return tf.raw_ops.Conv2DBackpropFilter(input=x, filter_sizes=kernel.shape, out_backprop=x, **HOW)


def peak_gpu_memory() -> int | None:
    """Bytes on the GPU that took most since the program began; None on the processor."""
    names = [gpu.name.removeprefix("/device:") for gpu in tf.config.list_logical_devices("GPU")]
    return max((tf.config.experimental.get_memory_info(name)["peak"] for name in names), default=None)
