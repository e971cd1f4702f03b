"""Named arrays on disk as safetensors, and what can be wrong with them. Loads no TensorFlow."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import safetensors.numpy


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
    ready = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    # ascontiguousarray gives a counter () the shape (1,)
    ready = {name: array.reshape(np.shape(arrays[name])) for name, array in ready.items()}
    Path(path).write_bytes(safetensors.numpy.save(ready))


def load(path: Path) -> dict[str, np.ndarray]:
    """All arrays of `path`. Raises DamagedWeights, or OSError where there is no readable file."""
    payload = Path(path).read_bytes()
    try:
        return safetensors.numpy.load(payload)
    except Exception as error:  # its reader raises its own type, KeyError, ValueError and others
        raise DamagedWeights(Path(path), str(error)) from error


def check(expected: Mapping[str, tuple], found: Mapping[str, np.ndarray]) -> None:
    """Raises WeightMismatch where a found array's shape is not the expected one. Missing and extra names pass."""
    for name, shape in expected.items():
        if name in found and np.shape(found[name]) != tuple(shape):
            raise WeightMismatch(name, np.shape(found[name]), shape)
