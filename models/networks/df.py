"""df: encoder and inter shared, one decoder per person. The swap is src's decoder on dst's code."""

import keras
from keras import ops

from models.networks.outputs import Reconstruction, Swap
from models.networks.parts import Decoder, Encoder, Inter
from models.spec import ModelSpec


class Df:
    """The networks of a df model and how a face goes through them (models.md 2.1)."""

    def __init__(self, spec: ModelSpec):
        archi = spec.archi
        self.encoder = Encoder(spec.e_dims, archi, name="encoder")
        self.inter = Inter(spec.ae_dims, spec.ae_dims, archi=archi, resolution=spec.resolution, name="inter")
        self.decoder_src = Decoder(spec.d_dims, spec.d_mask_dims, archi=archi, name="decoder_src")
        self.decoder_dst = Decoder(spec.d_dims, spec.d_mask_dims, archi=archi, name="decoder_dst")
        faces = keras.KerasTensor((None, spec.resolution, spec.resolution, 3))
        self.reconstruct(faces, faces)  # symbolic: creates the variables, computes nothing

    @property
    def parts(self) -> dict[str, keras.layers.Layer]:
        """In the order of the reference's files."""
        return {part.name: part for part in (self.encoder, self.inter, self.decoder_src, self.decoder_dst)}

    def trained_parts(self, *, random_warp: bool) -> list[str]:
        return list(self.parts)

    def reconstruct(self, src, dst) -> Reconstruction:
        """`src`, `dst` (B, R, R, 3); both go through the shared networks as one batch."""
        codes = self.inter(self.encoder(ops.concatenate([src, dst])))
        src_code, dst_code = ops.split(codes, 2)
        return Reconstruction(
            *self.decoder_src(src_code), *self.decoder_dst(dst_code), src_code, dst_code, swap_code=dst_code
        )

    def decode_swap(self, swap_code):
        return self.decoder_src(swap_code)

    def swap(self, faces) -> Swap:
        code = self.inter(self.encoder(faces))
        return Swap(*self.decoder_src(code), self.decoder_dst.decode_mask(code))
