"""Networks that judge: a U-Net over picture patches (models.md 3.1) and one over codes (3.2). Outputs are raw logits."""

from itertools import product

import keras
from keras import ops

from models.blocks import Conv, TransposedConv

MOST_LAYERS = 9
MOST_CHANNELS = 512


class PatchDiscriminator(keras.layers.Layer):
    """Real or painted, judged twice: (B, R, R, 3) -> center (B, R / s, R / s, 1) per patch and (B, R, R, 1) per pixel.

    R must divide by s, the product of the strides; `nearest_patch` finds a patch size where it does.
    """

    def __init__(self, patch_size: int, dims: int, *, name: str):
        super().__init__(name=name)
        strides = strides_for(patch_size)
        channels = [min(dims * 2**j, MOST_CHANNELS) for j in range(len(strides) + 1)]
        levels = list(enumerate(strides))
        self.convs = [Conv(channels[i + 1], 3, stride=stride, name=f"convs_{i}") for i, stride in levels]
        self.upconvs = [  # the deepest first
            TransposedConv(channels[i], stride=stride, name=f"upconvs_{len(strides) - 1 - i}")
            for i, stride in reversed(levels)
        ]
        self.in_conv = Conv(channels[0], 1, name="in_conv")
        self.out_conv = Conv(1, 1, name="out_conv")
        self.center_out = Conv(1, 1, name="center_out")
        self.center_conv = Conv(channels[-1], 1, name="center_conv")

    def call(self, x):
        x = ops.leaky_relu(self.in_conv(x), 0.2)
        skips = []
        for conv in self.convs:
            skips.append(x)
            x = ops.leaky_relu(conv(x), 0.2)
        center = self.center_out(x)
        x = ops.leaky_relu(self.center_conv(x), 0.2)
        for upconv in self.upconvs:
            x = ops.concatenate([skips.pop(), ops.leaky_relu(upconv(x), 0.2)], axis=-1)
        return center, self.out_conv(x)


class CodeDiscriminator(keras.layers.Layer):
    """Whose code it is: (B, side, side, C) -> logits (B, h, w, 1). The first layer has a 4x4 kernel, the others 3x3."""

    def __init__(self, code_side: int, *, dims: int = 256, name: str):
        super().__init__(name=name)
        self.convs = [
            Conv(dims * min(2**i, 8), 3 if i else 4, stride=2, name=f"convs_{i}") for i in range(1 + code_side // 8)
        ]
        self.out_conv = Conv(1, 1, name="out_conv")

    def call(self, x):
        for conv in self.convs:
            x = ops.leaky_relu(conv(x), 0.1)
        return self.out_conv(x)


def field_of_view(strides: tuple[int, ...]) -> int:
    """Side in pixels of what one output of 3x3 convolutions with these strides sees."""
    side, jump = 3, strides[0]
    for stride in strides[1:]:
        side += 2 * jump
        jump *= stride
    return side


def all_fields() -> dict[int, tuple[int, ...]]:
    """Every reachable field of view in rising order, with the fewest layers, then the largest strides, that reach it."""
    best: dict[int, tuple[int, ...]] = {}
    for count in range(1, MOST_LAYERS + 1):
        for rest in product((1, 2), repeat=count - 1):
            strides = (2, *rest)
            known = best.get(field_of_view(strides))
            if known is None or (len(known) == count and sum(strides) > sum(known)):
                best[field_of_view(strides)] = strides
    return dict(sorted(best.items()))


def strides_for(patch_size: int) -> tuple[int, ...]:
    """Strides of the network whose field of view is nearest to `patch_size` pixels, the smaller one on ties."""
    fields = all_fields()
    return fields[min(fields, key=lambda field: (abs(field - patch_size), field))]


def total_stride(patch_size: int) -> int:
    """What a resolution must divide by for this patch size."""
    return 2 ** strides_for(patch_size).count(2)


def nearest_patch(patch_size: int, resolution: int) -> int:
    """`patch_size` if its network divides `resolution`, else the nearest patch size that does, the smaller on ties."""
    if resolution % total_stride(patch_size) == 0:
        return patch_size
    fields = [field for field, strides in all_fields().items() if resolution % 2 ** strides.count(2) == 0]
    return min(fields, key=lambda field: (abs(field - patch_size), field))
