"""An ONNX graph that grows node by node. Maps are (B, C, H, W) in it, as the reference's exports have them.

Needs the package `onnx`. Opset 12 is what the readers of .dfm files ask for (models.md 5.8); IR version 7 is its companion, and that
of opset 13.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper

OPSET, IR_VERSION = 12, 7
LARGEST = 2**31 - 2**20  # bytes: protobuf ends at 2^31 - 1, the structure around the weights takes less than 1 MiB


class TooLarge(ValueError):
    """The weights do not fit into one protobuf message."""

    def __init__(self, size: int, largest: int):
        super().__init__(f"{size} bytes of weights, {largest} fit into one file")
        self.size, self.largest = size, largest


class Graph:
    """Nodes and constants by name. A value is the name of a node's output, an input, or a constant.

    half   convolutions and the maps between them are float16
    opset  that the readers of the file ask for
    """

    def __init__(self, *, half: bool, opset: int = OPSET):
        self.half, self.opset = half, opset
        self.nodes: list[onnx.NodeProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self.constants: dict[str, np.ndarray] = {}

    def add_input(self, name: str, shape: tuple) -> str:
        """`shape` has numbers for fixed sides and a word for one that each run may choose."""
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def add_output(self, name: str, value: str, shape: tuple) -> None:
        self.nodes.append(helper.make_node("Identity", [value], [name], name=name))
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def add(self, kind: str, *values: str, **attributes) -> str:
        """A node of one output."""
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(values), [name], name=name, **attributes))
        return name

    def constant(self, name: str, array: np.ndarray) -> str:
        """The same name always stands for the same array, so that weights used twice are stored once."""
        self.constants.setdefault(name, array)
        return name

    def number(self, value: float) -> str:
        return self.constant(f"number_{value!r}", np.array(value, np.float32))

    def to_half(self, value: str) -> str:
        """Enter the float16 part of the network, if there is one."""
        return self.add("Cast", value, to=TensorProto.FLOAT16) if self.half else value

    def to_single(self, value: str) -> str:
        """Leave the float16 part of the network, if there is one."""
        return self.add("Cast", value, to=TensorProto.FLOAT) if self.half else value

    def finish(self, name: str) -> onnx.ModelProto:
        """The whole as a message. Raises TooLarge."""
        size = sum(array.nbytes for array in self.constants.values())
        if size > LARGEST:
            raise TooLarge(size, LARGEST)
        tensors = [tensor(key, array) for key, array in self.constants.items()]
        graph = helper.make_graph(self.nodes, name, self.inputs, self.outputs, initializer=tensors)
        opset = helper.make_opsetid("", self.opset)
        return helper.make_model(graph, ir_version=IR_VERSION, opset_imports=[opset], producer_name="dfl")


def tensor(name: str, array: np.ndarray) -> onnx.TensorProto:
    kind = helper.np_dtype_to_tensor_dtype(array.dtype)
    return helper.make_tensor(name, kind, array.shape, np.ascontiguousarray(array).tobytes(), raw=True)
