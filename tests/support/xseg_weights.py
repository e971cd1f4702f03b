"""The weights that the recorded outputs of XSeg were made with, by the rule of their README."""

import zlib
from pathlib import Path

import numpy as np

from models.classes.xseg import XSEG


def recorded_weights(fixtures: Path) -> dict[str, np.ndarray]:
    """Those of `network.npz`, for a whole model."""
    with np.load(fixtures / "xseg" / "network.npz") as arrays:
        bias = arrays["out_conv_bias"]
    (part,) = XSEG.layout({}).parts
    return drawn_weights({f"XSeg/{path}": shape for path, shape in part.tensors.items()}, bias)


def drawn_weights(shapes, out_conv_bias: np.ndarray) -> dict[str, np.ndarray]:
    """shapes  key -> shape, keys as `XSeg/conv01/conv/weight`"""
    return {key: drawn(key, tuple(shape)) for key, shape in shapes.items()} | {"XSeg/out_conv/bias": out_conv_bias}


def drawn(key: str, shape: tuple) -> np.ndarray:
    state, last = np.random.RandomState(zlib.crc32(key.encode()) & 0x7FFFFFFF), key.rpartition("/")[2]
    if last == "weight" and len(shape) > 1:
        limit = np.sqrt(6 / (np.prod(shape[:-2]) * (shape[-2] + shape[-1])))
        values = state.uniform(-limit, limit, shape)
    elif last == "weight":
        values = 1 + 0.1 * state.standard_normal(shape)
    elif last == "eps":
        values = 1e-6 * (1 + state.uniform(0, 1, shape))
    else:
        values = 0.1 * state.standard_normal(shape)
    return values.astype(np.float32)
