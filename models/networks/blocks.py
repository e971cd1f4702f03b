"""Layers every network is built from (models.md 1.2, 1.3). Pictures and maps are (B, H, W, C).

Variables carry the reference's names, so a path such as `encoder/down1/downs_0/conv1/weight` is also the key in its
weight files. They start at zero; `initial.py` draws their first values.
"""

import keras
from keras import ops

from models.engine.engine import engine

EPSILON = 1e-6


class Conv(keras.layers.Layer):
    """Convolution with symmetric zero padding, also at stride 2, where Keras' own 'same' pads one side only.

    (B, H, W, C) -> (B, floor((H + 2p - k) / stride) + 1, .., filters), p = k // 2
    """

    def __init__(self, filters: int, kernel: int, *, stride: int = 1, name: str):
        super().__init__(name=name)
        self.filters, self.kernel, self.stride = filters, kernel, stride
        self.margin = kernel // 2

    def build(self, input_shape):
        shape = (self.kernel, self.kernel, input_shape[-1], self.filters)
        self.weight = self.add_weight(name="weight", shape=shape, initializer="zeros")
        self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")

    def call(self, x):
        if self.stride == 1 and self.kernel % 2:
            x = ops.conv(x, self.weight, padding="same")
        else:
            p = self.margin
            x = ops.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
            x = ops.conv(x, self.weight, strides=self.stride, padding="valid")
        return x + self.bias


class TransposedConv(keras.layers.Layer):
    """3x3 transposed convolution: (B, H, W, C) -> (B, stride H, stride W, filters). Kernel is (3, 3, out, in)."""

    def __init__(self, filters: int, *, stride: int, name: str):
        super().__init__(name=name)
        self.filters, self.stride = filters, stride

    def build(self, input_shape):
        shape = (3, 3, self.filters, input_shape[-1])
        self.weight = self.add_weight(name="weight", shape=shape, initializer="zeros")
        self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")

    def call(self, x):
        return ops.conv_transpose(x, self.weight, strides=self.stride, padding="same") + self.bias


class Dense(keras.layers.Layer):
    """(B, N) -> (B, units), no activation."""

    def __init__(self, units: int, *, name: str):
        super().__init__(name=name)
        self.units = units

    def build(self, input_shape):
        self.weight = self.add_weight(name="weight", shape=(input_shape[-1], self.units), initializer="zeros")
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")

    def call(self, x):
        return ops.matmul(x, self.weight) + self.bias


class Block(keras.layers.Layer):
    """A layer made of layers, which create their variables as the first faces go through.

    The default `build` of Keras runs the whole block once more to create them, on every level: a convolution three levels
    deep would run eight times before the first step.
    """

    def build(self, input_shape):
        pass


class Downscale(Block):
    """Half the side: (B, H, W, C) -> (B, ceil(H / 2), ceil(W / 2), filters)."""

    def __init__(self, filters: int, *, cosine: bool, name: str):
        super().__init__(name=name)
        self.cosine = cosine
        self.conv1 = Conv(filters, 5, stride=2, name="conv1")

    def call(self, x):
        return activate(self.conv1(x), 0.1, cosine=self.cosine)


class Upscale(Block):
    """Twice the side: (B, H, W, C) -> (B, 2H, 2W, filters)."""

    def __init__(self, filters: int, *, cosine: bool, name: str):
        super().__init__(name=name)
        self.cosine = cosine
        self.conv1 = Conv(4 * filters, 3, name="conv1")

    def call(self, x):
        x = activate(self.conv1(x), 0.1, cosine=self.cosine)
        return depth_to_space(x)


class Residual(Block):
    """Two convolutions beside a shortcut; the shape stays (B, H, W, filters)."""

    def __init__(self, filters: int, *, cosine: bool, name: str):
        super().__init__(name=name)
        self.cosine = cosine
        self.conv1 = Conv(filters, 3, name="conv1")
        self.conv2 = Conv(filters, 3, name="conv2")

    def call(self, x):
        y = activate(self.conv1(x), 0.2, cosine=self.cosine)
        return activate(x + self.conv2(y), 0.2, cosine=self.cosine)


def activate(x, slope: float, *, cosine: bool):
    """Leaky ReLU, or x * cos(x) for architectures with the letter c."""
    return x * ops.cos(x) if cosine else engine().leaky_relu(x, slope)


def depth_to_space(x):
    """(B, H, W, 4C) -> (B, 2H, 2W, C): the four quarters of the channels become the pixels of a 2x2 cell, row by row.

    Keras has this operation from 3.14 on, which needs Python 3.11.
    """
    _, height, width, channels = x.shape
    x = ops.reshape(x, (-1, width, 2, channels // 2))  # (B H, W, row in the cell, column in the cell and channel)
    return ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (-1, 2 * height, 2 * width, channels // 4))


def pixel_norm(x):
    """`x` (B, N) scaled to a mean square of 1 per row, which is computed in float32."""
    squares = ops.square(ops.cast(x, "float32"))
    return x * ops.cast(ops.rsqrt(ops.mean(squares, axis=-1, keepdims=True) + EPSILON), x.dtype)


def flatten(x):
    """(B, H, W, C) -> (B, C * H * W) in C, H, W order, the order of the reference's dense kernels."""
    _, height, width, channels = x.shape
    return ops.reshape(ops.transpose(x, (0, 3, 1, 2)), (-1, channels * height * width))


def unflatten(x, side: int):
    """(B, C * side * side) in C, H, W order -> (B, side, side, C)."""
    return ops.transpose(ops.reshape(x, (-1, x.shape[-1] // side**2, side, side)), (0, 2, 3, 1))
