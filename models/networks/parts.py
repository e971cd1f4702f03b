"""The three parts of a face autoencoder (models.md 2.1). Layer names are the reference's file keys."""

from keras import ops

from models.engine.checkpointing import segment
from models.networks.blocks import (
    Block,
    Conv,
    Dense,
    Downscale,
    Residual,
    Upscale,
    depth_to_space,
    flatten,
    pixel_norm,
    unflatten,
)
from models.spec import Archi


class DownscaleChain(Block):
    """Downscales one after another: (B, H, W, C) -> (B, H / 2^n, W / 2^n, filters[-1])."""

    def __init__(self, filters: list[int], *, cosine: bool, name: str):
        super().__init__(name=name)
        self.downs = [Downscale(count, cosine=cosine, name=f"downs_{i}") for i, count in enumerate(filters)]

    def call(self, x):
        for down in self.downs:
            x = down(x)
        return x


class Trunk(Block):
    """The encoder's convolutions: (B, R, R, 3) -> (B, R / 16, R / 16, 8 dims), with `t` R / 32."""

    def __init__(self, dims: int, archi: Archi, *, name: str):
        super().__init__(name=name)
        filters = [level * dims for level in archi.trunk_levels]
        if not archi.t:
            self.blocks = [DownscaleChain(filters, cosine=archi.c, name="down1")]
            return
        first, *others = (Downscale(count, cosine=archi.c, name=f"down{i}") for i, count in enumerate(filters, 1))
        self.blocks = [
            first,
            Residual(filters[0], cosine=archi.c, name="res1"),
            *others,
            Residual(filters[-1], cosine=archi.c, name="res5"),
        ]

    def call(self, x):
        return segment(self.through_blocks, *self.blocks)(x)

    def through_blocks(self, x):
        for block in self.blocks:
            x = block(x)
        return x


class Encoder(Trunk):
    """A face as one vector: (B, R, R, 3) -> (B, 8 dims (R / 16)^2), with `t` (R / 32)^2."""

    def __init__(self, dims: int, archi: Archi, *, name: str):
        super().__init__(dims, archi, name=name)
        self.normalize = archi.u

    def call(self, x):
        x = flatten(super().call(x))
        return pixel_norm(x) if self.normalize else x


class Inter(Block):
    """The bottleneck: (B, N) -> (B, side, side, filters), side = `archi.code_side(resolution)`. No activation inside."""

    def __init__(self, dims: int, filters: int, *, archi: Archi, resolution: int, name: str):
        super().__init__(name=name)
        self.side = archi.inter_side(resolution)
        self.dense1 = Dense(dims, name="dense1")
        self.dense2 = Dense(self.side**2 * filters, name="dense2")
        self.upscales = [] if archi.t else [Upscale(filters, cosine=archi.c, name="upscale1")]

    def call(self, x):
        x = unflatten(self.dense2(self.dense1(x)), self.side)
        for upscale in self.upscales:
            x = upscale(x)
        return x


class Decoder(Block):
    """A code as a face: (B, side, side, C) -> bgr (B, R, R, 3) and mask (B, R, R, 1), both 0..1 float32."""

    def __init__(self, dims: int, mask_dims: int, *, archi: Archi, name: str):
        super().__init__(name=name)
        levels, cosine = archi.decoder_levels, archi.c
        self.upscales = [Upscale(n * dims, cosine=cosine, name=f"upscale{i}") for i, n in enumerate(levels)]
        self.residuals = [Residual(n * dims, cosine=cosine, name=f"res{i}") for i, n in enumerate(levels)]
        self.mask_upscales = [Upscale(n * mask_dims, cosine=cosine, name=f"upscalem{i}") for i, n in enumerate(levels)]
        self.face_convs = [Conv(3, 1, name="out_conv")]
        self.last_mask_upscales = []
        if archi.d:  # out_conv paints the even pixels of even rows, 1..3 the others
            self.face_convs += [Conv(3, 3, name=f"out_conv{i}") for i in (1, 2, 3)]
            self.last_mask_upscales = [Upscale(mask_dims, cosine=cosine, name=f"upscalem{len(levels)}")]
        self.mask_conv = Conv(1, 1, name="out_convm")

    def call(self, code):
        return self.decode_face(code), self.decode_mask(code)

    def decode_face(self, x):
        *levels, last = zip(self.upscales, self.residuals, strict=True)
        for upscale, residual in levels:
            x = segment(lambda x, up=upscale, residual=residual: residual(up(x)), upscale, residual)(x)
        return segment(lambda x: self.paint(last[1](last[0](x))), *last, *self.face_convs)(x)

    def paint(self, x):
        """The map of the last level as a face."""
        x = ops.concatenate([conv(x) for conv in self.face_convs], axis=-1)
        if len(self.face_convs) == 4:
            x = depth_to_space(x)
        return ops.sigmoid(ops.cast(x, "float32"))

    def decode_mask(self, x):
        layers = [*self.mask_upscales, *self.last_mask_upscales, self.mask_conv]
        return segment(lambda x: self.paint_mask(layers, x), *layers)(x)

    def paint_mask(self, layers, x):
        for layer in layers:
            x = layer(x)
        return ops.sigmoid(ops.cast(x, "float32"))
