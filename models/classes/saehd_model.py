"""The networks of SAEHD and how they are trained."""

from typing import ClassVar

import keras

from models.classes.pair_model import PairModel
from models.classes.saehd_losses import SaehdLosses
from models.networks.df import Df
from models.networks.discriminators import CodeDiscriminator, PatchDiscriminator
from models.networks.liae import Liae
from models.optimizers import AdaBelief, RMSprop, SlotOptimizer
from models.powers import Powers
from models.spec import ModelSpec, TrainSpec


class SaehdModel(PairModel):
    """See `Model`. `seed` decides the first weights and the learning-rate dropout."""

    adversaries: ClassVar = {"code_discriminator": "D_code_opt", "GAN": "GAN_opt"}

    def __init__(self, spec: ModelSpec, train: TrainSpec, *, seed: int):
        super().__init__(Df(spec) if spec.archi.base == "df" else Liae(spec), resolution=spec.resolution, seed=seed)
        self.spec, self.training = spec, train.effective(spec.archi)
        self.powers = Powers(self.training)
        trained = self.networks.trained_parts(random_warp=self.training.random_warp)
        self.add_objective(
            "generator", self.optimizer(), name="src_dst_opt", parts=self.networks.parts, trained=trained
        )
        self.compute_losses = SaehdLosses(
            self.networks,
            self.training,
            powers=self.powers,
            resolution=spec.resolution,
            code_discriminator=self.add_code_discriminator(),
            patch_discriminator=self.add_patch_discriminator(),
        )
        self.compile()

    def optimizer(self) -> SlotOptimizer:
        kind = AdaBelief if self.training.adabelief else RMSprop
        return self.make_optimizer(kind, lr_dropout=self.training.lr_dropout, clipgrad=self.training.clipgrad)

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
