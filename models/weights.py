"""Named arrays on disk as safetensors, and what can be wrong with them. Loads no TensorFlow."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import safetensors.numpy

# NumPy's name -> safetensors' name of each type, in the order of the format's own list; the last ones come first in a file.
STORED = {
    "bool": "BOOL", "uint8": "U8", "int8": "I8", "int16": "I16", "uint16": "U16", "float16": "F16", "bfloat16": "BF16",
    "int32": "I32", "uint32": "U32", "float32": "F32", "float64": "F64", "int64": "I64", "uint64": "U64",
}  # fmt: skip
KINDS = list(STORED)
ALIGNMENT = 8  # bytes, of the header


class WeightMismatch(ValueError):
    """A stored array has another shape than the model's."""

    def __init__(self, name: str, found_shape: tuple, expected_shape: tuple):
        super().__init__(f"{name} is {found_shape}, expected {expected_shape}")
        self.name, self.found_shape, self.expected_shape = name, tuple(found_shape), tuple(expected_shape)


class MissingWeights(ValueError):
    """Arrays the model needs are not among those given."""

    def __init__(self, names: Iterable[str]):
        self.names = sorted(names)
        super().__init__(f"{len(self.names)} arrays missing, first {self.names[0]}")


class DamagedWeights(ValueError):
    """A file that safetensors cannot read."""

    def __init__(self, path: Path, reason: str):
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


def save(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write `arrays` to `path` in one go; the caller makes it durable and current."""
    with Path(path).open("wb") as file:
        file.writelines(pieces(arrays))


def pieces(arrays: Mapping[str, np.ndarray]) -> list[bytes | np.ndarray]:
    """The safetensors file of `arrays` as buffers to be written one after the other.

    The same bytes as `safetensors.numpy.save` gives, without two copies of everything made while no other thread may run:
    contiguous arrays are given as they are, as flat uint8.
    """
    order = sorted(arrays, key=lambda name: (-KINDS.index(arrays[name].dtype.name), name))
    header, end = {}, 0
    for name in order:
        array = arrays[name]
        begin, end = end, end + array.nbytes
        kind = STORED[array.dtype.name]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    return [len(text).to_bytes(8, "little") + text] + [flat_bytes(arrays[name]) for name in order]


def flat_bytes(array: np.ndarray) -> np.ndarray:
    """(nbytes,) uint8, the same memory where `array` is contiguous."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def load(path: Path) -> dict[str, np.ndarray]:
    """All arrays of `path`: of floating-point numbers, but for counters, which have no dimension.

    Raises DamagedWeights, also where there is no such file; OSError where it cannot be read.
    """
    try:
        payload = Path(path).read_bytes()
    except FileNotFoundError as error:
        raise DamagedWeights(Path(path), error.strerror) from error
    try:
        arrays = safetensors.numpy.load(payload)
    except Exception as error:  # its reader raises its own type, KeyError, ValueError and others
        raise DamagedWeights(Path(path), str(error)) from error
    for name, array in arrays.items():
        if array.ndim and array.dtype.kind in "biu":
            raise DamagedWeights(Path(path), f"{name}: {array.dtype.name}, float32 expected")
    return arrays


def not_finite(arrays: Mapping[str, np.ndarray]) -> str | None:
    """The name of the first array that holds an infinity or no number (NaN); None if all are finite."""
    for name, array in arrays.items():
        if array.dtype.kind not in "biu" and not np.isfinite(array).all():
            return name
    return None


def check(expected: Mapping[str, tuple], found: Mapping[str, np.ndarray]) -> None:
    """Raises WeightMismatch where a found array's shape is not the expected one. Missing and extra names pass."""
    for name, shape in expected.items():
        if name in found and np.shape(found[name]) != tuple(shape):
            raise WeightMismatch(name, np.shape(found[name]), shape)
