"""A network in an ONNX file that enlarges pictures without seeing what is on them."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper


def write_enhancer(path: Path, *, scale: int = 2, brighter: float = 0.0) -> Path:
    """It takes one picture of any size, 0..1, repeats its pixels `scale` times and adds `brighter`."""
    constants = {"scales": np.float32([1, 1, scale, scale]), "more": np.float32(brighter)}
    nodes = [
        helper.make_node("Add", ["picture", "more"], ["bright"]),
        helper.make_node(
            "Resize", ["bright", "", "scales"], ["larger"],
            mode="nearest", nearest_mode="floor", coordinate_transformation_mode="asymmetric",
        ),
    ]  # fmt: skip
    graph = helper.make_graph(
        nodes, "enlarge",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["batch", 3, "height", "width"])],
        [helper.make_tensor_value_info("larger", TensorProto.FLOAT, None)],
        [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"value_range": "unit"})
    onnx.save(model, path)
    return path
