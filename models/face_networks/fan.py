"""FAN (Bulat and Tzimiropoulos, 2017): 68 heat maps of a face. 2DFAN.npy and 3DFAN.npy have the same structure."""

from collections.abc import Mapping

import numpy as np
from keras import ops

from models.face_networks.layers import Weights, as_weights, batch_norm, conv, halve
from models.face_networks.s3fd import conv_shapes

STACKS, DEPTH, CHANNELS, POINTS = 4, 4, 256, 68


class FAN:
    """The network with the weights of a file."""

    def __init__(self, stored: Mapping[str, object]):
        """Raises MissingWeights, WeightMismatch, NotAWeight."""
        self.weights = as_weights(stored, shapes())

    def maps(self, pictures: np.ndarray) -> np.ndarray:
        """(B, 256, 256, 3) RGB 0..1 -> (B, 68, 64, 64)."""
        maps = forward(self.weights, ops.convert_to_tensor(np.asarray(pictures, np.float32)))
        return ops.convert_to_numpy(maps).transpose(0, 3, 1, 2)


def forward(weights: Weights, x):
    """(B, 256, 256, 3) -> (B, 64, 64, 68): the last stack's."""
    x = ops.relu(batch_norm(weights, "bn1", conv(weights, "conv1", x, stride=2)))
    x = halve(block(weights, "conv2", x), ops.average_pool)
    x = block(weights, "conv4", block(weights, "conv3", x))
    for stack in range(STACKS):
        features = block(weights, f"top_m_{stack}", hourglass(weights, f"m_{stack}", x, DEPTH))
        features = ops.relu(batch_norm(weights, f"bn_end_{stack}", conv(weights, f"conv_last_{stack}", features)))
        maps = conv(weights, f"l_{stack}", features)
        if stack < STACKS - 1:
            x = x + conv(weights, f"bl_{stack}", features) + conv(weights, f"al_{stack}", maps)
    return maps


def hourglass(weights: Weights, name: str, x, depth: int):
    low = block(weights, f"{name}/b2", halve(x, ops.average_pool))
    inner = f"{name}/b2_plus"
    low = hourglass(weights, inner, low, depth - 1) if depth > 1 else block(weights, inner, low)
    low = block(weights, f"{name}/b3", low)
    return block(weights, f"{name}/b1", x) + ops.repeat(ops.repeat(low, 2, axis=1), 2, axis=2)


def block(weights: Weights, name: str, x):
    """Three convolutions of which each sees the last one's result; all results side by side, and the input added."""
    results, y = [], x
    for number in (1, 2, 3):
        y = conv(weights, f"{name}/conv{number}", ops.relu(batch_norm(weights, f"{name}/bn{number}", y)))
        results.append(y)
    if f"{name}/down_conv1/weight" in weights:
        x = conv(weights, f"{name}/down_conv1", ops.relu(batch_norm(weights, f"{name}/down_bn1", x)))
    return ops.concatenate(results, axis=-1) + x


def shapes() -> dict[str, tuple[int, ...]]:
    """Of every weight."""
    found = conv_shapes("conv1", 7, 3, 64) | norm_shapes("bn1", 64)
    found |= block_shapes("conv2", 64, 128) | block_shapes("conv3", 128, 128) | block_shapes("conv4", 128, CHANNELS)
    for stack in range(STACKS):
        found |= hourglass_shapes(f"m_{stack}", DEPTH) | block_shapes(f"top_m_{stack}", CHANNELS, CHANNELS)
        found |= conv_shapes(f"conv_last_{stack}", 1, CHANNELS, CHANNELS) | norm_shapes(f"bn_end_{stack}", CHANNELS)
        found |= conv_shapes(f"l_{stack}", 1, CHANNELS, POINTS)
        if stack < STACKS - 1:
            found |= conv_shapes(f"bl_{stack}", 1, CHANNELS, CHANNELS) | conv_shapes(f"al_{stack}", 1, POINTS, CHANNELS)
    return found


def hourglass_shapes(name: str, depth: int) -> dict[str, tuple[int, ...]]:
    found = {}
    for part in ("b1", "b2", "b3"):
        found |= block_shapes(f"{name}/{part}", CHANNELS, CHANNELS)
    inner = f"{name}/b2_plus"
    return found | (hourglass_shapes(inner, depth - 1) if depth > 1 else block_shapes(inner, CHANNELS, CHANNELS))


def block_shapes(name: str, channels: int, filters: int) -> dict[str, tuple[int, ...]]:
    found, seen = {}, channels
    for number, width in ((1, filters // 2), (2, filters // 4), (3, filters // 4)):
        found |= norm_shapes(f"{name}/bn{number}", seen) | {f"{name}/conv{number}/weight": (3, 3, seen, width)}
        seen = width
    if channels != filters:
        found |= norm_shapes(f"{name}/down_bn1", channels)
        found |= {f"{name}/down_conv1/weight": (1, 1, channels, filters)}
    return found


def norm_shapes(name: str, channels: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}/{part}": (channels,) for part in ("weight", "bias", "running_mean", "running_var")}
