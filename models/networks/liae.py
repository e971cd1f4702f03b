"""liae: one decoder; two inters, B for what only dst has. The swap takes dst's face through AB alone."""

import keras
from keras import ops

from models.networks.outputs import Reconstruction, Swap
from models.networks.parts import Decoder, Encoder, Inter
from models.spec import ModelSpec


class Liae:
    """The networks of a liae model and how a face goes through them (models.md 2.1)."""

    def __init__(self, spec: ModelSpec):
        archi = spec.archi
        self.encoder = Encoder(spec.e_dims, archi, name="encoder")
        inter = {"archi": archi, "resolution": spec.resolution}
        self.inter_ab = Inter(spec.ae_dims, 2 * spec.ae_dims, **inter, name="inter_AB")
        self.inter_b = Inter(spec.ae_dims, 2 * spec.ae_dims, **inter, name="inter_B")
        self.decoder = Decoder(spec.d_dims, spec.d_mask_dims, archi=archi, name="decoder")
        faces = keras.KerasTensor((None, spec.resolution, spec.resolution, 3))
        self.reconstruct(faces, faces)  # symbolic: creates the variables, computes nothing

    @property
    def parts(self) -> dict[str, keras.layers.Layer]:
        """In the order of the reference's files."""
        return {part.name: part for part in (self.encoder, self.inter_ab, self.inter_b, self.decoder)}

    def trained_parts(self, *, random_warp: bool) -> list[str]:
        """Without random warp the reference leaves inter_AB as it is, so also all through pretraining (quirk Q4)."""
        return [name for name in self.parts if random_warp or name != "inter_AB"]

    def reconstruct(self, src, dst) -> Reconstruction:
        """`src`, `dst` (B, R, R, 3); both go through the shared networks as one batch."""
        src_vector, dst_vector = ops.split(self.encoder(ops.concatenate([src, dst])), 2)
        src_ab, dst_ab = ops.split(self.inter_ab(ops.concatenate([src_vector, dst_vector])), 2)
        src_code = ops.concatenate([src_ab, src_ab], axis=-1)
        dst_code = ops.concatenate([self.inter_b(dst_vector), dst_ab], axis=-1)
        swap_code = ops.concatenate([dst_ab, dst_ab], axis=-1)
        bgr, mask = self.decoder(ops.concatenate([src_code, dst_code]))
        (src_bgr, dst_bgr), (src_mask, dst_mask) = ops.split(bgr, 2), ops.split(mask, 2)
        return Reconstruction(src_bgr, src_mask, dst_bgr, dst_mask, src_code, dst_code, swap_code)

    def decode_swap(self, swap_code):
        return self.decoder(swap_code)

    def swap(self, faces) -> Swap:
        vector = self.encoder(faces)
        ab = self.inter_ab(vector)
        bgr, prd_mask = self.decoder(ops.concatenate([ab, ab], axis=-1))
        dst_mask = self.decoder.decode_mask(ops.concatenate([self.inter_b(vector), ab], axis=-1))
        return Swap(bgr, prd_mask, dst_mask)
