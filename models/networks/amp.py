"""AMP: one encoder, an inter per person, one decoder. A code takes some channels from each inter (models.md 2.3)."""

import keras
from keras import ops

from models.networks.blocks import Block, Dense, unflatten
from models.networks.outputs import Reconstruction, Swap
from models.networks.parts import Decoder, Encoder
from models.spec import AMP_ARCHI as ARCHI
from models.spec import AmpSpec


class MorphEncoder(Encoder):
    """A face as a short vector: (B, R, R, 3) -> (B, code_dims)."""

    def __init__(self, dims: int, code_dims: int, *, name: str):
        super().__init__(dims, ARCHI, name=name)
        self.dense1 = Dense(code_dims, name="dense1")

    def call(self, x):
        return self.dense1(super().call(x))


class MorphInter(Block):
    """One person's code: (B, N) -> (B, side, side, filters)."""

    def __init__(self, filters: int, *, side: int, name: str):
        super().__init__(name=name)
        self.side = side
        self.dense2 = Dense(side**2 * filters, name="dense2")

    def call(self, x):
        return unflatten(self.dense2(x), self.side)


class AmpNetworks:
    """The networks of an AMP model and how a face goes through them."""

    def __init__(self, spec: AmpSpec):
        side = ARCHI.code_side(spec.resolution)
        self.inter_dims = spec.inter_dims
        self.encoder = MorphEncoder(spec.e_dims, spec.ae_dims, name="encoder")
        self.inter_src = MorphInter(spec.inter_dims, side=side, name="inter_src")
        self.inter_dst = MorphInter(spec.inter_dims, side=side, name="inter_dst")
        self.decoder = Decoder(spec.d_dims, spec.d_mask_dims, archi=ARCHI, name="decoder")
        faces = keras.KerasTensor((None, spec.resolution, spec.resolution, 3))
        self.reconstruct(faces, faces, keras.KerasTensor((None, spec.inter_dims)))  # creates the variables

    @property
    def parts(self) -> dict[str, keras.layers.Layer]:
        """In the order of the reference's files."""
        return {part.name: part for part in (self.encoder, self.inter_src, self.inter_dst, self.decoder)}

    def reconstruct(self, src, dst, from_src) -> Reconstruction:
        """`src`, `dst` (B, R, R, 3); `from_src` (B, inter_dims) is 1 for channels that src's code takes from inter_src."""
        src_vector, dst_vector = ops.split(self.encoder(ops.concatenate([src, dst])), 2)
        src_code = mix(self.inter_src(src_vector), self.inter_dst(src_vector), from_src)
        dst_code = self.inter_dst(dst_vector)
        bgr, mask = self.decoder(ops.concatenate([src_code, dst_code]))
        (src_bgr, dst_bgr), (src_mask, dst_mask) = ops.split(bgr, 2), ops.split(mask, 2)
        return Reconstruction(src_bgr, src_mask, dst_bgr, dst_mask, src_code, dst_code, swap_code=dst_vector)

    def swap(self, faces, morph) -> Swap:
        """`faces` (B, R, R, 3); `morph` (B,) 0..1 is how much of src each becomes: its first channels are src's."""
        vector = self.encoder(faces)
        dst_code = self.inter_dst(vector)
        count = ops.cast(self.inter_dims * morph, "int32")  # cut off, not rounded
        from_src = ops.arange(self.inter_dims) < ops.expand_dims(count, -1)
        bgr, mask = self.decoder(mix(self.inter_src(vector), dst_code, from_src))
        return Swap(bgr, mask, self.decoder.decode_mask(dst_code))


def mix(src_code, dst_code, from_src):
    """The channels of `src_code` where `from_src` (B, channels) is 1, those of `dst_code` elsewhere."""
    share = ops.cast(from_src, src_code.dtype)[:, None, None]
    return src_code * share + dst_code * (1 - share)
