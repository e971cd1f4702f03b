"""S3FD (Zhang et al., 2017): scores and offsets of faces on six levels of a picture."""

from collections.abc import Mapping

import numpy as np
from keras import ops

from models.face_networks.layers import Weights, as_weights, conv, halve

MEAN = (104.0, 117.0, 123.0)  # subtracted from the channels as they come, which are RGB
BLOCKS = (("conv1", 2, 64), ("conv2", 2, 128), ("conv3", 3, 256), ("conv4", 3, 512), ("conv5", 3, 512))
NORMED = {"conv3_3": 256, "conv4_3": 512, "conv5_3": 512}
HEADS = {"conv3_3_norm": 256, "conv4_3_norm": 512, "conv5_3_norm": 512, "fc7": 1024, "conv6_2": 512, "conv7_2": 256}
EXTRA = (  # name, kernel, channels in, channels out
    ("fc6", 3, 512, 1024),
    ("fc7", 1, 1024, 1024),
    ("conv6_1", 1, 1024, 256),
    ("conv6_2", 3, 256, 512),
    ("conv7_1", 1, 512, 128),
    ("conv7_2", 3, 128, 256),
)


class S3FD:
    """The network with the weights of a file, `S3FD.npy`."""

    def __init__(self, stored: Mapping[str, object]):
        """Raises MissingWeights, WeightMismatch, NotAWeight."""
        self.weights = as_weights(stored, shapes())

    def levels(self, picture: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """(H, W, 3) RGB 0..255 -> six levels of ((h, w, 2) background and face, adding up to 1; (h, w, 4) offsets)."""
        x = ops.convert_to_tensor(picture[None].astype(np.float32) - np.float32(MEAN))
        return [
            (ops.convert_to_numpy(score)[0], ops.convert_to_numpy(offset)[0])
            for score, offset in forward(self.weights, x)
        ]


def forward(weights: Weights, x) -> list:
    """Six pairs of (1, h, w, 2) and (1, h, w, 4)."""
    features = []
    for block, count, _ in BLOCKS:
        for number in range(1, count + 1):
            x = ops.relu(conv(weights, f"{block}_{number}", x))
        if f"{block}_{count}" in NORMED:
            features.append(normed(weights, f"{block}_{count}_norm", x))
        x = halve(x, ops.max_pool)
    x = ops.relu(conv(weights, "fc6", x, padding=3))
    x = ops.relu(conv(weights, "fc7", x))
    features.append(x)
    for stage in ("conv6", "conv7"):
        x = ops.relu(conv(weights, f"{stage}_1", x))
        x = ops.relu(conv(weights, f"{stage}_2", x, stride=2))
        features.append(x)
    return [head(weights, name, feature) for name, feature in zip(HEADS, features, strict=True)]


def normed(weights: Weights, name: str, x):
    """Every pixel's channels scaled to length 1, then by the weights."""
    length = ops.sqrt(ops.sum(ops.square(x), axis=-1, keepdims=True))
    return x / (length + 1e-10) * weights[f"{name}/weight"]


def head(weights: Weights, name: str, x) -> tuple:
    score = conv(weights, f"{name}_mbox_conf", x)
    if score.shape[-1] == 4:  # three kinds of background, of which the likeliest counts
        score = ops.concatenate([ops.max(score[..., :3], axis=-1, keepdims=True), score[..., 3:]], axis=-1)
    return ops.softmax(score, axis=-1), conv(weights, f"{name}_mbox_loc", x)


def shapes() -> dict[str, tuple[int, ...]]:
    """Of every weight."""
    found, channels = {}, 3
    for block, count, filters in BLOCKS:
        for number in range(1, count + 1):
            found |= conv_shapes(f"{block}_{number}", 3, channels, filters)
            channels = filters
    for name, kernel, channels_in, filters in EXTRA:
        found |= conv_shapes(name, kernel, channels_in, filters)
    found |= {f"{name}_norm/weight": (1, 1, 1, channels) for name, channels in NORMED.items()}
    for name, channels in HEADS.items():
        found |= conv_shapes(f"{name}_mbox_conf", 3, channels, 4 if name == "conv3_3_norm" else 2)
        found |= conv_shapes(f"{name}_mbox_loc", 3, channels, 4)
    return found


def conv_shapes(name: str, kernel: int, channels: int, filters: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}/weight": (kernel, kernel, channels, filters), f"{name}/bias": (filters,)}
