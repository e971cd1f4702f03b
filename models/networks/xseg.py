"""XSeg: a U-Net that says where in a picture the face is (models.md 2.4). Layer names are the reference's file keys."""

from itertools import groupby

import numpy as np
from keras import ops

from models.engine.checkpointing import segment
from models.networks.blocks import Block, Conv, Dense, TransposedConv, flatten, unflatten
from models.networks.xseg_blocks import BASE, DOWN, LOWEST, POOLS, UP, VECTOR, level_of


class XSegNetwork(Block):
    """Pictures (B, 256, 256, 3) BGR 0..1 -> logits (B, 256, 256, 1) float32.

    skips  maps of the way down go into the way up; without them, in pretraining, zeros do
    """

    def __init__(self, *, skips: bool, name: str):
        super().__init__(name=name)
        self.skips = skips
        self.downs = levels([ConvBlock(channels, name=block) for block, channels in widths(DOWN)])
        self.pools = [BlurPool(size, name=f"bp{level}") for level, size in enumerate(POOLS)]
        self.dense1 = Dense(VECTOR, name="dense1")
        self.dense2 = Dense(LOWEST**2 * 8 * BASE, name="dense2")
        self.ups = levels(
            [(UpBlock if block.startswith("up") else ConvBlock)(c, name=block) for block, c in widths(UP)]
        )
        self.out_conv = Conv(1, 3, name="out_conv")

    def call(self, x):
        skips = []
        for convs, pool in zip(self.downs, self.pools, strict=True):
            x = segment(lambda x, convs=convs: chain(convs, x), *convs)(x)
            skips.append(x)
            x = pool(x)
        x = unflatten(self.dense2(self.dense1(flatten(x))), LOWEST)
        for up, *convs in self.ups:
            x = segment(lambda x, skip, up=up, convs=convs: self.join(up, convs, x, skip), up, *convs)(x, skips.pop())
        return ops.cast(self.out_conv(x), "float32")

    def join(self, up, convs, x, skip):
        """One level of the way up: `x` grows to the side of `skip`, the map of the same level of the way down."""
        return chain(convs, ops.concatenate([up(x), skip if self.skips else ops.zeros_like(skip)], axis=-1))


def widths(blocks: dict) -> list[tuple[str, int]]:
    """(name, channels it puts out)"""
    return [(name, after * BASE) for name, (_, after) in blocks.items()]


def levels(blocks: list) -> list[list]:
    """`blocks` in groups of equal level, in their order."""
    return [list(group) for _, group in groupby(blocks, lambda block: level_of(block.name))]


def chain(blocks, x):
    for block in blocks:
        x = block(x)
    return x


class ConvBlock(Block):
    """Convolution, normalization and activation: (B, H, W, C) -> (B, H, W, filters)."""

    def __init__(self, filters: int, *, name: str):
        super().__init__(name=name)
        self.conv = self.convolution(filters)
        self.frn, self.tlu = ResponseNorm(name="frn"), ThresholdedUnit(name="tlu")

    def convolution(self, filters: int):
        return Conv(filters, 3, name="conv")

    def call(self, x):
        return self.tlu(self.frn(self.conv(x)))


class UpBlock(ConvBlock):
    """The same with twice the side: (B, H, W, C) -> (B, 2H, 2W, filters)."""

    def convolution(self, filters: int):
        return TransposedConv(filters, stride=2, name="conv")


class ResponseNorm(Block):
    """Filter response normalization (Singh and Krishnan, 2020): each channel of each face to a mean square of 1.

    The shape stays. Computed in float32 where it sums up: a square of bfloat16 has 8 bits.
    """

    def build(self, input_shape):
        channels = (input_shape[-1],)
        self.weight = self.add_weight(name="weight", shape=channels, initializer="ones")
        self.bias = self.add_weight(name="bias", shape=channels, initializer="zeros")
        self.eps = self.add_weight(name="eps", shape=(1,), initializer="zeros")

    def call(self, x):
        squares = ops.mean(ops.square(ops.cast(x, "float32")), axis=(1, 2), keepdims=True)
        scale = ops.rsqrt(squares + ops.abs(ops.cast(self.eps, "float32")))
        return x * (ops.cast(scale, x.dtype) * self.weight) + self.bias


class ThresholdedUnit(Block):
    """Thresholded linear unit, a ReLU whose corner each channel learns. The shape stays."""

    def build(self, input_shape):
        self.tau = self.add_weight(name="tau", shape=(input_shape[-1],), initializer="zeros")

    def call(self, x):
        return ops.maximum(x, self.tau)


class BlurPool(Block):
    """Half the side without aliasing (Zhang, 2019): a binomial filter of `size` x `size`, then every second pixel.

    (B, H, W, C) -> (B, H / 2, W / 2, C). No weights.
    """

    def __init__(self, size: int, *, name: str):
        super().__init__(name=name)
        row = np.poly1d([1, 1]) ** (size - 1)  # its coefficients are the binomial ones
        self.kernel = np.outer(row.coeffs, row.coeffs) / row(1) ** 2
        self.margin = ((size - 1) // 2, size // 2)  # before, after: the larger one after

    def call(self, x):
        kernel = np.repeat(self.kernel[:, :, None], x.shape[-1], axis=-1)[..., None]  # (size, size, C, 1)
        x = ops.pad(x, ((0, 0), self.margin, self.margin, (0, 0)))
        return ops.depthwise_conv(x, ops.convert_to_tensor(kernel, x.dtype), strides=2, padding="valid")
