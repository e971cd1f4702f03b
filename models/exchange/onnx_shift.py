"""Pictures moved by fractions of a pixel in an ONNX graph, as `models.subpixel.moved` moves them. All of it is float32."""

import math

import numpy as np

from models.classes.corrections import Shift
from models.exchange.onnx_graph import Graph
from models.subpixel import SHARPNESS, taps

AXES = (3, 2)  # of maps (B, C, H, W): those that x and y of a shift belong to


def emit_moved(graph: Graph, x: str, shift: Shift, *, channels: int) -> str:
    """`x` (B, channels, H, W) 0..1, moved by `shift` pixels to the right and down, its edges repeated."""
    for axis, pixels in zip(AXES, shift, strict=True):
        if pixels:
            weights = taps(pixels)
            kernel = np.tile(weights.reshape(kernel_shape(axis, len(weights))), (channels, 1, 1, 1))
            name = graph.constant(f"taps_{pixels!r}_axis{axis}_{channels}", kernel)
            x = correlate(graph, x, name, axis, channels=channels, count=len(weights))
    return x


def emit_moved_between(graph: Graph, x: str, start: Shift, end: Shift, *, morph: str, channels: int) -> str:
    """As `emit_moved`, by a shift as far on the way from `start` to `end` as `morph` (1,), 0..1, says."""
    if start == end:
        return emit_moved(graph, x, end, channels=channels)
    for axis, first, last in zip(AXES, start, end, strict=True):
        if first or last:
            reach = math.floor(max(abs(first), abs(last))) + 2
            pixels = graph.add("Add", graph.number(first), graph.add("Mul", morph, graph.number(last - first)))
            kernel = emit_kernel(graph, emit_taps(graph, pixels, reach), axis, channels=channels, count=2 * reach + 1)
            x = correlate(graph, x, kernel, axis, channels=channels, count=2 * reach + 1)
    return x


def emit_taps(graph: Graph, pixels: str, reach: int) -> str:
    """`models.subpixel.taps` of a shift (1,) that is known when the graph runs: (2 * reach + 1,)."""
    places = graph.constant(f"places_{reach}", np.arange(-reach, reach + 1, dtype=np.float32))
    distance = graph.add("Abs", graph.add("Add", places, pixels))
    near = emit_polynomial(graph, distance, SHARPNESS + 2, -SHARPNESS - 3, 0.0, 1.0)
    far = emit_polynomial(graph, distance, *(SHARPNESS * one for one in (1.0, -5.0, 8.0, -4.0)))
    far = graph.add("Where", graph.add("Less", distance, graph.number(2.0)), far, graph.number(0.0))
    return graph.add("Where", graph.add("Less", distance, graph.number(1.0)), near, far)


def emit_polynomial(graph: Graph, x: str, *factors: float) -> str:
    """The factor of the highest power first."""
    value = graph.number(factors[0])
    for factor in factors[1:]:
        value = graph.add("Add", graph.add("Mul", value, x), graph.number(factor))
    return value


def emit_kernel(graph: Graph, weights: str, axis: int, *, channels: int, count: int) -> str:
    """The same weights (count,) for each channel: (channels, 1, h, w)."""
    shape = graph.constant(f"kernel_{count}_axis{axis}", np.array(kernel_shape(axis, count), np.int64))
    return graph.add("Concat", *[graph.add("Reshape", weights, shape)] * channels, axis=0)


def kernel_shape(axis: int, count: int) -> tuple[int, ...]:
    return tuple(count if one == axis else 1 for one in range(4))


def correlate(graph: Graph, x: str, kernel: str, axis: int, *, channels: int, count: int) -> str:
    """Each channel of `x` by itself with a `kernel` of `count` weights along `axis`, then cut off to 0..1."""
    margins = [count // 2 if one == axis else 0 for one in range(4)]
    pads = graph.constant(f"margins_{count}_axis{axis}", np.array([*margins, *margins], np.int64))
    x = graph.add("Pad", x, pads, mode="edge")
    sides = list(kernel_shape(axis, count)[2:])
    x = graph.add("Conv", x, kernel, kernel_shape=sides, strides=[1, 1], pads=[0] * 4, dilations=[1, 1], group=channels)
    return graph.add("Clip", x, graph.number(0.0), graph.number(1.0))
