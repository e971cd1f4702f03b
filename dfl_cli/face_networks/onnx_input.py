"""What an ONNX file declares about its inputs and outputs, which OpenCV does not tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

VARINT, EIGHT_BYTES, LENGTH, FOUR_BYTES = 0, 1, 2, 5  # wire types of protocol buffers
GRAPH, INPUT, TYPE, TENSOR, SHAPE, DIMENSION, VALUE = 7, 11, 2, 1, 2, 1, 1  # field numbers on the way to a dimension
INITIALIZER, OUTPUT, TENSOR_NAME, VALUE_NAME, ELEMENT = 5, 12, 8, 1, 1
FLOAT, UINT8 = 1, 2  # types of elements
LARGEST_NAME = 100  # characters


class Declared(NamedTuple):
    """An input or output of a network; a side of `shape` that is free is 0, `shape` is None where it is not declared."""

    name: str
    element: int  # FLOAT, UINT8 or another number of ONNX
    shape: tuple[int, ...] | None

    def __str__(self) -> str:
        sides = "" if self.shape is None else "x".join(str(side or "?") for side in self.shape)
        return f"{self.name} ({sides})" if sides else self.name


def declared_values(content: bytes) -> tuple[list[Declared], list[Declared]]:
    """The inputs without those that are weights, and the outputs; ([], []) where the bytes are no ONNX file."""
    try:
        graph = next(value for number, value in fields(content) if number == GRAPH and isinstance(value, bytes))
        inputs, outputs, weights = [], [], set()
        for number, value in fields(graph):
            if number == INITIALIZER and isinstance(value, bytes):
                weights.add(text_in(value, TENSOR_NAME))
            elif number in (INPUT, OUTPUT) and isinstance(value, bytes):
                (inputs if number == INPUT else outputs).append(declared_value(value))
        return [each for each in inputs if each.name not in weights], outputs
    except (StopIteration, IndexError, ValueError):
        return [], []


def declared_value(message: bytes) -> Declared:
    """An input or output of its message. Raises what `fields` raises."""
    tensor = message
    for field in (TYPE, TENSOR):
        tensor = next((value for n, value in fields(tensor) if n == field and isinstance(value, bytes)), b"")
    element = next((value for n, value in fields(tensor) if n == ELEMENT and isinstance(value, int)), 0)
    shape = next((value for n, value in fields(tensor) if n == SHAPE and isinstance(value, bytes)), None)
    return Declared(text_in(message, VALUE_NAME), element, None if shape is None else sides_in(shape))


def sides_in(shape: bytes) -> tuple[int, ...]:
    """The dimensions of a shape's message, 0 where one is free."""
    dimensions = [value for number, value in fields(shape) if number == DIMENSION and isinstance(value, bytes)]
    return tuple(next((v for n, v in fields(each) if n == VALUE and isinstance(v, int)), 0) for each in dimensions)


def text_in(message: bytes, field: int) -> str:
    found = next((value for number, value in fields(message) if number == field and isinstance(value, bytes)), b"")
    return found.decode(errors="replace")[:LARGEST_NAME]


def declared_shape(content: bytes) -> tuple[int, ...] | None:
    """The shape of the first input, 0 where a side is free; None where the file does not say, or is none."""
    try:
        message = content
        for field in (GRAPH, INPUT, TYPE, TENSOR, SHAPE):
            message = next(value for number, value in fields(message) if number == field and isinstance(value, bytes))
        return sides_in(message)
    except (StopIteration, IndexError, ValueError):
        return None


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(number, value) of a message's fields. Raises IndexError, ValueError for what is no message."""
    at = 0
    while at < len(message):
        key, at = varint(message, at)
        wire = key & 7
        if wire == VARINT:
            value, at = varint(message, at)
        elif wire in (EIGHT_BYTES, FOUR_BYTES):
            size = 8 if wire == EIGHT_BYTES else 4
            value, at = message[at : at + size], at + size
        elif wire == LENGTH:
            size, at = varint(message, at)
            value, at = message[at : at + size], at + size
        else:
            raise ValueError(wire)
        if at > len(message):
            raise ValueError("truncated")
        yield key >> 3, value


def varint(message: bytes, at: int) -> tuple[int, int]:
    """The number that begins at `at`, and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError("number too long")
