"""What both networks are made of; weights are named arrays, `:0` left out, convolutions (H, W, in, out)."""

from collections.abc import Mapping, Sequence

import numpy as np
from keras import ops

from models.exchange.dfl_checkpoint import checked
from models.weights import MissingWeights

Weights = Mapping[str, np.ndarray]
EPSILON = 1e-5  # of batch normalization


def conv(weights: Weights, name: str, x, *, stride: int = 1, padding: int | None = None):
    """(B, H, W, C) -> (B, H', W', D). padding: zeros on every side; None: half the kernel, rounded down."""
    kernel = weights[f"{name}/weight"]
    pad = kernel.shape[0] // 2 if padding is None else padding
    if pad:
        x = ops.pad(x, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    x = ops.conv(x, kernel, strides=stride, padding="valid", data_format="channels_last")
    bias = weights.get(f"{name}/bias")
    return x if bias is None else x + bias


def batch_norm(weights: Weights, name: str, x):
    """By the stored statistics."""
    scale = weights[f"{name}/weight"] / np.sqrt(weights[f"{name}/running_var"] + EPSILON)
    return x * scale + (weights[f"{name}/bias"] - weights[f"{name}/running_mean"] * scale)


def halve(x, pool):
    """(B, H, W, C) -> (B, H // 2, W // 2, C)."""
    return pool(x, 2, strides=2, padding="valid", data_format="channels_last")


def as_weights(stored: Mapping[str, object], shapes: Mapping[str, Sequence[int]]) -> dict[str, np.ndarray]:
    """The arrays of a file by the names in `shapes`. Raises MissingWeights, WeightMismatch, NotAWeight."""
    missing = [f"{name}:0" for name in shapes if f"{name}:0" not in stored]
    if missing:
        raise MissingWeights(missing)
    return {name: checked(f"{name}:0", stored[f"{name}:0"], tuple(shape)) for name, shape in shapes.items()}
