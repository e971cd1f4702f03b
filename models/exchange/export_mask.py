"""An XSeg model as an ONNX file, with the names the reference gives it (models.md 5.8): a picture in, its mask out.

Needs the package `onnx`; comparing a file with its network needs `onnxruntime`.
"""

from pathlib import Path

import numpy as np
import onnx

from models.exchange.export import BATCH, FACE_INPUT, Difference, as_source
from models.exchange.onnx_graph import Graph
from models.exchange.onnx_layers import array, emit, kernel_and_bias, unflatten
from models.model import Model
from models.networks.blocks import TransposedConv
from models.networks.xseg import BlurPool, ConvBlock, ResponseNorm, ThresholdedUnit, XSegNetwork
from models.networks.xseg_blocks import BASE, LOWEST

OPSET = 13
MASK_OUTPUT = "out_mask:0"


def build_mask_graph(model: Model, *, quantized: bool) -> onnx.ModelProto:
    """The network of `model` as it paints masks, with its skips.

    quantized  convolutions in float16
    Pictures (B, 256, 256, 3) and masks (B, 256, 256, 1) are float32 either way.
    """
    graph, side = Graph(half=quantized, opset=OPSET), model.resolution
    faces = graph.add_input(FACE_INPUT, (BATCH, side, side, 3))
    mask = graph.add("Sigmoid", emit(model.network, graph, graph.add("Transpose", faces, perm=[0, 3, 1, 2])))
    graph.add_output(MASK_OUTPUT, graph.add("Transpose", mask, perm=[0, 2, 3, 1]), (BATCH, side, side, 1))
    return graph.finish("xseg")


def compare_masks(path: Path, model: Model, faces: np.ndarray) -> Difference:
    """What the file at `path` makes of `faces` (B, 256, 256, 3), against `model` itself."""
    import onnxruntime

    session = onnxruntime.InferenceSession(as_source(path), providers=["CPUExecutionProvider"])
    (mask,) = session.run([MASK_OUTPUT], {FACE_INPUT: faces})
    off = np.abs(mask - model.view(faces)["mask"])
    return Difference(face=0.0, face_mean=float(off.mean()), mask=float(off.max()))


@emit.register
def _(layer: XSegNetwork, graph: Graph, x: str) -> str:
    skips = []
    for convs, pool in zip(layer.downs, layer.pools, strict=True):
        for block in convs:
            x = emit(block, graph, x)
        skips.append(x)
        x = emit_pool(pool, graph, x, convs[-1].conv.filters)
    x = emit(layer.dense2, graph, emit(layer.dense1, graph, graph.add("Flatten", x)))
    x = unflatten(graph, x, (8 * BASE, LOWEST, LOWEST))
    for up, *convs in layer.ups:
        x = graph.add("Concat", emit(up, graph, x), skips.pop(), axis=1)
        for block in convs:
            x = emit(block, graph, x)
    return graph.to_single(emit(layer.out_conv, graph, graph.to_half(x)))


@emit.register
def _(layer: ConvBlock, graph: Graph, x: str) -> str:
    """The norm is always float32: a float16 square may overflow."""
    x = graph.to_single(emit(layer.conv, graph, graph.to_half(x)))
    return emit(layer.tlu, graph, emit(layer.frn, graph, x))


@emit.register
def _(layer: TransposedConv, graph: Graph, x: str) -> str:
    """Of the side 2 H + 1 that a kernel of 3 gives at stride 2, the last row and column are cut off."""
    return graph.add(
        "ConvTranspose", x, *kernel_and_bias(graph, layer),  # in, out, h, w
        kernel_shape=[3, 3], strides=[layer.stride] * 2, pads=[0, 0, 1, 1], dilations=[1, 1],
    )  # fmt: skip


@emit.register
def _(layer: ResponseNorm, graph: Graph, x: str) -> str:
    squares = graph.add("ReduceMean", graph.add("Mul", x, x), axes=[2, 3], keepdims=1)
    eps = graph.constant(layer.eps.path, np.abs(array(layer.eps)).reshape(1, 1, 1, 1))
    x = graph.add("Div", x, graph.add("Sqrt", graph.add("Add", squares, eps)))
    weight, bias = (graph.constant(one.path, per_channel(one)) for one in (layer.weight, layer.bias))
    return graph.add("Add", graph.add("Mul", x, weight), bias)


@emit.register
def _(layer: ThresholdedUnit, graph: Graph, x: str) -> str:
    return graph.add("Max", x, graph.constant(layer.tau.path, per_channel(layer.tau)))


def emit_pool(layer: BlurPool, graph: Graph, x: str, channels: int) -> str:
    """Each channel is convolved by itself."""
    kernel = np.broadcast_to(layer.kernel.astype(np.float32), (channels, 1, *layer.kernel.shape))
    before, after = layer.margin
    return graph.add(
        "Conv", x, graph.constant(f"{layer.name}_{channels}", np.array(kernel)),
        kernel_shape=[*layer.kernel.shape], strides=[2, 2], pads=[before, before, after, after], group=channels,
        dilations=[1, 1],
    )  # fmt: skip


def per_channel(variable) -> np.ndarray:
    """(1, C, 1, 1)"""
    return array(variable).reshape(1, -1, 1, 1)
