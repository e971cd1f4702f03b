"""Each layer of `blocks.py`, `parts.py` and `amp_networks.py` as ONNX nodes: `emit(layer, graph, value)` gives the value behind the layer.

Maps are (B, C, H, W), so flatten and unflatten, which work in C, H, W order, are plain reshapes here.
"""

from functools import singledispatch

import numpy as np
from keras import ops
from onnx import TensorProto

from models.exchange.onnx_graph import Graph
from models.networks.amp import MorphEncoder, MorphInter
from models.networks.blocks import EPSILON, Conv, Dense, Downscale, Residual, Upscale
from models.networks.parts import Decoder, DownscaleChain, Encoder, Inter, Trunk


class UnknownLayer(TypeError):
    """No ONNX form is known for a layer of this type."""

    def __init__(self, layer):
        super().__init__(f"no ONNX form for the layer {type(layer).__name__}")
        self.layer = layer


@singledispatch
def emit(layer, graph: Graph, x: str) -> str:
    """Add `layer` to `graph`. Raises UnknownLayer."""
    raise UnknownLayer(layer)


@emit.register
def _(layer: Conv, graph: Graph, x: str) -> str:
    return graph.add(
        "Conv", x, *kernel_and_bias(graph, layer),  # out, in, h, w
        kernel_shape=[layer.kernel] * 2, strides=[layer.stride] * 2, pads=[layer.margin] * 4, dilations=[1, 1],
    )  # fmt: skip


@emit.register
def _(layer: Dense, graph: Graph, x: str) -> str:
    kernel = graph.constant(layer.weight.path, array(layer.weight))
    bias = graph.constant(layer.bias.path, array(layer.bias))
    return graph.add("Gemm", x, kernel, bias)


@emit.register
def _(layer: Downscale, graph: Graph, x: str) -> str:
    return activate(graph, emit(layer.conv1, graph, x), 0.1, cosine=layer.cosine)


@emit.register
def _(layer: Upscale, graph: Graph, x: str) -> str:
    x = activate(graph, emit(layer.conv1, graph, x), 0.1, cosine=layer.cosine)
    return depth_to_space(graph, x)


@emit.register
def _(layer: Residual, graph: Graph, x: str) -> str:
    y = activate(graph, emit(layer.conv1, graph, x), 0.2, cosine=layer.cosine)
    return activate(graph, graph.add("Add", x, emit(layer.conv2, graph, y)), 0.2, cosine=layer.cosine)


@emit.register
def _(layer: DownscaleChain, graph: Graph, x: str) -> str:
    return chain(graph, layer.downs, x)


@emit.register
def _(layer: Trunk, graph: Graph, x: str) -> str:
    return chain(graph, layer.blocks, x)


@emit.register
def _(layer: Encoder, graph: Graph, x: str) -> str:
    """Pixel norm is always float32: a float16 sum of squares may overflow."""
    x = emit.dispatch(Trunk)(layer, graph, graph.to_half(x))
    x = graph.add("Flatten", graph.to_single(x))
    return pixel_norm(graph, x) if layer.normalize else x


@emit.register
def _(layer: Inter, graph: Graph, x: str) -> str:
    x = emit(layer.dense2, graph, emit(layer.dense1, graph, x))
    code = unflatten(graph, x, (layer.dense2.units // layer.side**2, layer.side, layer.side))
    return chain(graph, layer.upscales, graph.to_half(code))


@emit.register
def _(layer: MorphEncoder, graph: Graph, x: str) -> str:
    return emit(layer.dense1, graph, emit.dispatch(Encoder)(layer, graph, x))


@emit.register
def _(layer: MorphInter, graph: Graph, x: str) -> str:
    """float32 also in a half graph: `choose_channels` comes next."""
    return unflatten(graph, emit(layer.dense2, graph, x), (layer.dense2.units // layer.side**2, layer.side, layer.side))


def decode_face(layer: Decoder, graph: Graph, x: str) -> str:
    for upscale, residual in zip(layer.upscales, layer.residuals, strict=True):
        x = emit(residual, graph, emit(upscale, graph, x))
    pixels = [emit(conv, graph, x) for conv in layer.face_convs]
    x = pixels[0] if len(pixels) == 1 else depth_to_space(graph, graph.add("Concat", *pixels, axis=1))
    return graph.add("Sigmoid", graph.to_single(x))


def decode_mask(layer: Decoder, graph: Graph, x: str) -> str:
    x = chain(graph, [*layer.mask_upscales, *layer.last_mask_upscales, layer.mask_conv], x)
    return graph.add("Sigmoid", graph.to_single(x))


def chain(graph: Graph, layers: list, x: str) -> str:
    for layer in layers:
        x = emit(layer, graph, x)
    return x


def activate(graph: Graph, x: str, slope: float, *, cosine: bool) -> str:
    return graph.add("Mul", x, graph.add("Cos", x)) if cosine else graph.add("LeakyRelu", x, alpha=slope)


def depth_to_space(graph: Graph, x: str) -> str:
    return graph.add("DepthToSpace", x, blocksize=2, mode="DCR")


def pixel_norm(graph: Graph, x: str) -> str:
    mean = graph.add("ReduceMean", graph.add("Mul", x, x), axes=[-1], keepdims=1)
    return graph.add("Div", x, graph.add("Sqrt", graph.add("Add", mean, graph.number(EPSILON))))


def unflatten(graph: Graph, x: str, shape: tuple[int, int, int]) -> str:
    """(B, C * H * W) -> (B, C, H, W)."""
    target = np.array([-1, *shape], np.int64)
    return graph.add("Reshape", x, graph.constant("map_{}x{}x{}".format(*shape), target))


def kernel_and_bias(graph: Graph, layer) -> tuple[str, str]:
    """Of a convolution, float16 in a half graph. The axes of its kernel: h, w, a, b -> b, a, h, w."""
    kind = np.float16 if graph.half else np.float32
    kernel = graph.constant(layer.weight.path, array(layer.weight).transpose(3, 2, 0, 1).astype(kind))
    return kernel, graph.constant(layer.bias.path, array(layer.bias).astype(kind))


def choose_channels(graph: Graph, src: str, dst: str, *, count: int, morph: str) -> str:
    """The first int(count * morph) of `count` channels from `src`, the others from `dst`, both (B, count, H, W) float32.

    morph  (1,) float32, 0..1; the product is float32 and cut off, so 0.7 of 10 channels are 7 (models.md 2.3)
    """
    taken = graph.add("Cast", graph.add("Mul", morph, graph.number(float(count))), to=TensorProto.INT64)
    index = graph.constant(f"channels_{count}", np.arange(count, dtype=np.int64).reshape(count, 1, 1))
    return graph.add("Where", graph.add("Less", index, taken), src, dst)


def array(variable) -> np.ndarray:
    return ops.convert_to_numpy(variable)
