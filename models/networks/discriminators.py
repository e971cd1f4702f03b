"""Networks that judge: a U-Net over picture patches (models.md 3.1) and one over codes (3.2). Outputs are raw logits."""

from keras import ops

from models.engine.engine import engine
from models.networks.blocks import Block, Conv, TransposedConv
from models.networks.patch_layers import CODE_CHANNELS, channels_for, code_layers, strides_for


class PatchDiscriminator(Block):
    """Real or painted, judged twice: (B, R, R, 3) -> center (B, R / s, R / s, 1) per patch and (B, R, R, 1) per pixel.

    R must divide by s, the product of the strides; see `patch_layers.nearest_workable`.
    """

    def __init__(self, patch_size: int, dims: int, *, name: str):
        super().__init__(name=name)
        strides = strides_for(patch_size)
        channels = channels_for(patch_size, dims)
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
        x = engine().leaky_relu(self.in_conv(x), 0.2)
        skips = []
        for conv in self.convs:
            skips.append(x)
            x = engine().leaky_relu(conv(x), 0.2)
        center = self.center_out(x)
        x = engine().leaky_relu(self.center_conv(x), 0.2)
        for upconv in self.upconvs:
            x = ops.concatenate([skips.pop(), engine().leaky_relu(upconv(x), 0.2)], axis=-1)
        return center, self.out_conv(x)


class CodeDiscriminator(Block):
    """Whose code it is: (B, side, side, C) -> logits (B, h, w, 1)."""

    def __init__(self, code_side: int, *, dims: int = CODE_CHANNELS, name: str):
        super().__init__(name=name)
        self.convs = [
            Conv(channels, kernel, stride=2, name=f"convs_{i}")
            for i, (kernel, channels) in enumerate(code_layers(code_side, dims))
        ]
        self.out_conv = Conv(1, 1, name="out_conv")

    def call(self, x):
        for conv in self.convs:
            x = engine().leaky_relu(conv(x), 0.1)
        return self.out_conv(x)
