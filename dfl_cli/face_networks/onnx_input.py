"""The size of the picture that an ONNX file declares for its input, which OpenCV does not tell."""

from __future__ import annotations

from collections.abc import Iterator

VARINT, EIGHT_BYTES, LENGTH, FOUR_BYTES = 0, 1, 2, 5  # wire types of protocol buffers
GRAPH, INPUT, TYPE, TENSOR, SHAPE, DIMENSION, VALUE = 7, 11, 2, 1, 2, 1, 1  # field numbers on the way to a dimension


def declared_shape(content: bytes) -> tuple[int, ...] | None:
    """The shape of the first input, 0 where a side is free; None where the file does not say, or is none."""
    try:
        message = content
        for field in (GRAPH, INPUT, TYPE, TENSOR, SHAPE):
            message = next(value for number, value in fields(message) if number == field and isinstance(value, bytes))
        dimensions = [value for number, value in fields(message) if number == DIMENSION and isinstance(value, bytes)]
        return tuple(next((v for n, v in fields(each) if n == VALUE and isinstance(v, int)), 0) for each in dimensions)
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
