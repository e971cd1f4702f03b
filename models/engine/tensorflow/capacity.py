"""Work to measure a device by, and how much of its memory was taken."""

import time
from collections.abc import Callable

import tensorflow as tf

CHANNELS = ((64, 128), (32, 256))  # (side of the map in pixels, channels in and out) of 3 x 3 convolutions
FACES, ROWS = 4, 2048  # of a convolution's batch; of a square matrix
ON_GPU = 8  # times as many of both: there so little work is over before it has begun


def products(precision: str) -> list[tuple[Callable[[], object], float]]:
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
    names = [gpu.name.removeprefix("/device:") for gpu in tf.config.list_logical_devices("GPU")]
    return max((tf.config.experimental.get_memory_info(name)["peak"] for name in names), default=None)


def seconds_of_convolution(kind: str, batch: int) -> float:
    x, kernel = tf.ones((batch, 32, 32, 64), kind), tf.ones((3, 3, 64, 64), kind)
    began = time.perf_counter()
    with tf.GradientTape() as tape:
        tape.watch([x, kernel])
        y = tf.nn.conv2d(x, kernel, 1, "SAME")
    for gradient in tape.gradient(y, [x, kernel]):
        gradient[0, 0, 0, 0].numpy()  # waits for all of it
    return time.perf_counter() - began
