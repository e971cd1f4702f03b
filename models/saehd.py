"""SAEHD: the df or liae autoencoder with all its training options."""

from collections.abc import Mapping

import keras
import numpy as np

from models.df import Df
from models.discriminators import CodeDiscriminator, PatchDiscriminator
from models.liae import Liae
from models.model import Model
from models.optimizers import AdaBelief, CosineWave, RMSprop, SlotOptimizer
from models.outputs import Swap
from models.saehd_losses import SaehdLosses
from models.spec import ModelSpec, TrainSpec
from models.train_step import compile_forward, seeded_mask

LEARNING_RATE = 5e-5
DROPOUT_KEEP = 0.3  # of the weights move in one step while lr_dropout is on
COSINE_PERIOD = 500  # steps


class SAEHD(Model):
    """See `Model`. `seed` decides the first weights and the learning-rate dropout."""

    def __init__(self, spec: ModelSpec, train: TrainSpec, *, seed: int):
        super().__init__(resolution=spec.resolution, seed=seed)
        self.spec, self.training = spec, train.effective(spec.archi)
        self.networks = Df(spec) if spec.archi.base == "df" else Liae(spec)
        for name, part in self.networks.parts.items():
            self.add_part(name, part)
        trained = self.networks.trained_parts(random_warp=self.training.random_warp)
        self.add_objective(
            "generator", self.optimizer(), name="src_dst_opt", parts=self.networks.parts, trained=trained
        )
        self.compute_losses = SaehdLosses(
            self.networks,
            self.training,
            resolution=spec.resolution,
            code_discriminator=self.add_code_discriminator(),
            patch_discriminator=self.add_patch_discriminator(),
        )
        self.compile()
        picture = (spec.resolution, spec.resolution, 3)
        self.run_view = compile_forward(self.paint_view, picture, picture)
        self.run_swap = compile_forward(self.networks.swap, picture)

    def optimizer(self) -> SlotOptimizer:
        kind = AdaBelief if self.training.adabelief else RMSprop
        clip_norm = 1.0 if self.training.clipgrad else None
        if self.training.lr_dropout == "n":
            return kind(LEARNING_RATE, clip_norm=clip_norm)
        wave = CosineWave(LEARNING_RATE, COSINE_PERIOD)
        return kind(wave, clip_norm=clip_norm, draw_mask=seeded_mask(self.seed, DROPOUT_KEEP))

    def add_code_discriminator(self) -> CodeDiscriminator | None:
        if not self.training.true_face_power:
            return None
        side = self.spec.archi.code_side(self.resolution)
        judge = CodeDiscriminator(side, name="dis")
        judge(keras.KerasTensor((None, side, side, self.spec.ae_dims)))
        self.add_part("code_discriminator", judge)
        self.add_objective("code_discriminator", self.optimizer(), name="D_code_opt", parts=["code_discriminator"])
        return judge

    def add_patch_discriminator(self) -> PatchDiscriminator | None:
        if not self.training.gan_power:
            return None
        judge = PatchDiscriminator(self.training.gan_patch_size, self.training.gan_dims, name="D_src")
        judge(keras.KerasTensor((None, self.resolution, self.resolution, 3)))
        self.add_part("GAN", judge)
        self.add_objective("GAN", self.optimizer(), name="GAN_opt", parts=["GAN"])
        return judge

    def view(self, src: np.ndarray, dst: np.ndarray) -> dict[str, np.ndarray]:
        """Previews of unwarped faces, 0..1: SS, DD both as they are, SD src's face on dst; SSM, DDM, SDM their masks."""
        return self.run_view(src, dst)

    def paint_view(self, src, dst) -> dict:
        faces = self.networks.reconstruct(src, dst)
        swap, swap_mask = self.networks.decode_swap(faces.swap_code)
        return {
            "SS": faces.src,
            "SSM": faces.src_mask,
            "DD": faces.dst,
            "DDM": faces.dst_mask,
            "SD": swap,
            "SDM": swap_mask,
        }

    def swap(self, faces: np.ndarray) -> Swap:
        """src's face over dst's `faces` (B, R, R, 3); any batch size."""
        return self.run_swap(faces)


def parts_to_renew(stored: Mapping, options: Mapping) -> list[str]:
    """Parts that must not take over what a model trained with the options `stored` has, now that `options` hold.

    Another patch size or width makes another GAN (quirk Q18). The end of pretraining renews the inters: what they know
    of other people's faces is in the way (models.md 6.2).
    """
    renewed = []
    if stored["pretrain"] and not options["pretrain"]:
        renewed += ["inter"] if options["archi"].startswith("df") else ["inter_AB", "inter_B"]
    if any(stored[key] != options[key] for key in ("gan_patch_size", "gan_dims")):
        renewed.append("GAN")
    return renewed
