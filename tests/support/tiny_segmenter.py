"""A tiny pair of networks of Segment Anything's kind: they find red things near the first click."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE, LOW = 64, 16  # pixels of the encoder's square and of the decoder's masks
FLOAT = TensorProto.FLOAT
INPUTS = {
    "image_embeddings": [1, 3, LOW, LOW], "point_coords": [1, "points", 2], "point_labels": [1, "points"],
    "mask_input": [1, 1, LOW, LOW], "has_mask_input": [1], "orig_im_size": [2],
}  # fmt: skip
OUTPUTS = {
    "masks": ["batch", "count", "height", "width"], "iou_predictions": ["batch", "count"],
    "low_res_masks": ["batch", "count", LOW, LOW],
}  # fmt: skip


def constants(**values):
    return [numpy_helper.from_array(np.asarray(value), name) for name, value in values.items()]


def saved(path, nodes, inputs, outputs, weights):
    described = [
        [helper.make_tensor_value_info(name, *each) for name, each in part.items()] for part in (inputs, outputs)
    ]
    graph = helper.make_graph([helper.make_node(*node[:3], **node[3]) for node in nodes], "tiny", *described, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def encoder(path, *, form="planes"):
    """Means of 4 x 4 pixels, normalized as Segment Anything does it."""
    inputs = {"planes": [1, 3, SIDE, SIDE], "pixels": ["height", "width", 3]}
    pool = ("AveragePool", ["planes"], ["image_embeddings"], {"kernel_shape": [4, 4], "strides": [4, 4]})
    if form == "planes":
        return saved(
            path, [pool], {"planes": (FLOAT, inputs["planes"])}, {"image_embeddings": (FLOAT, [1, 3, LOW, LOW])}, []
        )
    nodes = [
        ("Sub", ["pixels", "mean"], ["centered"], {}), ("Div", ["centered", "spread"], ["normal"], {}),
        ("Resize", ["normal", "", "", "size"], ["small"], {"mode": "linear"}),
        ("Transpose", ["small"], ["first"], {"perm": [2, 0, 1]}), ("Unsqueeze", ["first", "zero"], ["image_embeddings"], {}),
    ]  # fmt: skip
    weights = constants(
        mean=np.float32([123.675, 116.28, 103.53]), spread=np.float32([58.395, 57.12, 57.375]),
        size=np.int64([LOW, LOW, 3]), zero=np.int64([0]),
    )  # fmt: skip
    return saved(
        path, nodes, {"pixels": (FLOAT, inputs["pixels"])}, {"image_embeddings": (FLOAT, [1, 3, LOW, LOW])}, weights
    )


def decoder(path, *, side=SIDE, inputs=INPUTS, outputs=OUTPUTS):
    """Two masks: nothing with a low score, and what is red within 30 pixels of the first click; sizes as in the official export."""
    columns = np.broadcast_to((np.arange(LOW, dtype=np.float32) + 0.5) * side / LOW, (1, 1, LOW, LOW))
    nodes = [
        ("Slice", ["image_embeddings", "zero1", "one1", "one1"], ["red"], {}),
        ("Slice", ["image_embeddings", "one1", "two1", "one1"], ["green"], {}),
        ("Sub", ["red", "green"], ["reddish"], {}),
        ("Sub", ["reddish", "half"], ["is_red"], {}),
        ("Slice", ["point_coords", "zero1", "one1", "one1"], ["first"], {}),
        ("Slice", ["first", "zero1", "one1", "two1"], ["x3"], {}),
        ("Slice", ["first", "one1", "two1", "two1"], ["y3"], {}),
        ("Unsqueeze", ["x3", "zero1"], ["x"], {}), ("Unsqueeze", ["y3", "zero1"], ["y"], {}),
        ("Sub", ["columns", "x"], ["dx"], {}), ("Sub", ["rows", "y"], ["dy"], {}),
        ("Mul", ["dx", "dx"], ["dx2"], {}), ("Mul", ["dy", "dy"], ["dy2"], {}), ("Add", ["dx2", "dy2"], ["away"], {}),
        ("Sub", ["reach", "away"], ["near"], {}), ("Min", ["is_red", "near"], ["both"], {}),
        ("Mul", ["mask_input", "has_mask_input"], ["again"], {}), ("Add", ["both", "again"], ["yes"], {}),
        ("Sub", ["both", "lots"], ["no"], {}), ("Concat", ["no", "yes"], ["low_res_masks"], {"axis": 1}),
        ("Unsqueeze", ["points_sum", "zero1"], ["unused"], {}), ("ReduceSum", ["point_labels", "one1"], ["points_sum"], {"keepdims": 0}),
        ("Identity", ["scores"], ["iou_predictions"], {}),
        ("Resize", ["low_res_masks", "", "", "square"], ["large"], {"mode": "linear"}),
        ("ReduceMax", ["orig_im_size"], ["longest"], {"keepdims": 0}), ("Div", ["side", "longest"], ["scale"], {}),
        ("Mul", ["orig_im_size", "scale"], ["exact"], {}), ("Add", ["exact", "half1"], ["up"], {}), ("Floor", ["up"], ["rounded"], {}),
        ("Cast", ["rounded"], ["ends"], {"to": TensorProto.INT64}),
        ("Slice", ["large", "zeros2", "ends", "axes"], ["unpadded"], {}),
        ("Cast", ["orig_im_size"], ["wanted"], {"to": TensorProto.INT64}),
        ("Concat", ["batch", "wanted"], ["whole"], {"axis": 0}),
        ("Resize", ["unpadded", "", "", "whole"], ["masks"], {"mode": "linear"}),
    ]  # fmt: skip
    order = {output: number for number, node in enumerate(nodes) for output in node[2]}
    nodes = sorted((node for node in nodes if node[2] != ["unused"]), key=lambda node: order[node[2][0]])
    weights = constants(
        zero1=np.int64([0]), one1=np.int64([1]), two1=np.int64([2]), half=np.float32(0.8), half1=np.float32([0.5]),
        columns=columns.copy(), rows=columns.transpose(0, 1, 3, 2).copy(), reach=np.float32((30 * side / 128) ** 2),
        lots=np.float32(1e5), scores=np.float32([[0.2, 0.9]]), square=np.int64([1, 2, side, side]), side=np.float32(side),
        zeros2=np.int64([0, 0]), axes=np.int64([2, 3]), batch=np.int64([1, 2]),
    )  # fmt: skip
    described = [{name: (FLOAT, shape) for name, shape in part.items()} for part in (inputs, outputs)]
    return saved(path, nodes, *described, weights)
