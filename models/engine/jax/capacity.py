"""Work to measure a device by, and how much of its memory was taken."""

import time
from collections.abc import Callable
from functools import cache

import jax
import jax.numpy as jnp

from models.engine.jax.devices import gpus

CHANNELS = ((64, 128), (32, 256))  # (side of the map in pixels, channels in and out) of 3 x 3 convolutions
FACES, ROWS = 4, 2048  # of a convolution's batch; of a square matrix
ON_GPU = 8  # times as many of both: there so little work is over before it has begun


def products(precision: str) -> list[tuple[Callable[[], object], float]]:
    scale = ON_GPU if gpus() else 1
    found = []
    for side, channels in CHANNELS:
        x = noise((FACES * scale, side, side, channels), precision)
        kernel = noise((3, 3, channels, channels), precision)
        gflop = 2e-9 * FACES * scale * side**2 * 9 * channels**2
        found += [(compiled(one, x, kernel), gflop) for one in (forward, back_to_input, back_to_kernel)]
    rows = ROWS * scale
    matrix = noise((rows, rows), precision)
    return [*found, (compiled(jnp.matmul, matrix, matrix), 2e-9 * rows**3)]


def noise(shape: tuple, precision: str):
    return jax.random.normal(jax.random.key(1), shape, jnp.float32).astype(precision)


def compiled(operation: Callable, *inputs) -> Callable[[], object]:
    function = jax.jit(operation)
    return lambda: function(*inputs).block_until_ready()


def forward(x, kernel):
    return jax.lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))


def back_to_input(x, kernel):
    """`x` stands for a gradient of its own shape."""
    return jax.linear_transpose(lambda x: forward(x, kernel), x)(x)[0]


def back_to_kernel(x, kernel):
    return jax.linear_transpose(lambda kernel: forward(x, kernel), kernel)(x)[0]


def peak_gpu_memory() -> int | None:
    return max((device.memory_stats()["peak_bytes_in_use"] for device in gpus()), default=None)


def seconds_of_convolution(kind: str, batch: int) -> float:
    work = convolution(kind, batch)
    began = time.perf_counter()
    jax.block_until_ready(work())
    return time.perf_counter() - began


@cache
def convolution(kind: str, batch: int) -> Callable[[], object]:
    """Compiled, which is not to be measured."""
    x, kernel = jnp.ones((batch, 32, 32, 64), kind), jnp.ones((3, 3, 64, 64), kind)
    function = jax.jit(lambda x, kernel: jax.vjp(forward, x, kernel)[1](forward(x, kernel)))
    jax.block_until_ready(function(x, kernel))
    return lambda: function(x, kernel)
