"""The networks of AMP and how they are trained."""

from typing import ClassVar

import keras
import numpy as np

from models.classes.amp_losses import AmpLosses, MorphBatch
from models.classes.corrections import NONE, Corrections
from models.classes.pair_batch import LOSS_NAMES, PairBatch, pair_reconstructions
from models.engine.engine import engine
from models.engine.seeded import seeded_choice
from models.model import Model
from models.networks.amp import AmpNetworks
from models.networks.discriminators import PatchDiscriminator
from models.networks.outputs import Swap
from models.optimizers import AdaBelief, SlotOptimizer
from models.powers import Powers
from models.spec import AmpSpec, AmpTrainSpec
from models.subpixel import moved

VIEW_MORPHS = (0.25, 0.5, 0.65, 0.75, 1.0)  # models.md 6.4


class AmpModel(Model):
    """See `Model`. `seed` decides the first weights, each step's channels and the learning-rate dropout.

    corrections  what `view` and `swap` move their input by; `reconstructions` shows what is learned, as it is
    """

    loss_names = LOSS_NAMES
    corrections: Corrections = NONE
    adversaries: ClassVar = {"GAN": "GAN_opt"}

    def __init__(self, spec: AmpSpec, train: AmpTrainSpec, *, seed: int):
        super().__init__(resolution=spec.resolution, seed=seed)
        self.spec, self.training, self.powers = spec, train, Powers(train)
        self.networks = AmpNetworks(spec)
        for name, part in self.networks.parts.items():
            self.add_part(name, part)
        trained = list(self.networks.parts) if train.train_inters else ["encoder", "decoder"]
        self.add_objective("generator", self.optimizer(), name="src_dst_opt", parts=trained)
        self.draw_channels = seeded_choice(seed, count=int(spec.inter_dims * spec.morph_factor), total=spec.inter_dims)
        self.compute_losses = AmpLosses(
            self.networks,
            train,
            powers=self.powers,
            resolution=spec.resolution,
            choose_channels=self.choose_channels,
            patch_discriminator=self.add_patch_discriminator(),
        )
        self.compile()
        picture, number = (spec.resolution, spec.resolution, 3), ()
        self.run_view = engine().compile_forward(self.compute_view, picture, picture)
        self.run_swap = engine().compile_forward(self.networks.swap, picture, number)

    def optimizer(self) -> SlotOptimizer:
        return self.make_optimizer(AdaBelief, lr_dropout=self.training.lr_dropout, clipgrad=self.training.clipgrad)

    def add_patch_discriminator(self) -> PatchDiscriminator | None:
        if not self.training.gan_power:
            return None
        judge = PatchDiscriminator(self.training.gan_patch_size, self.training.gan_dims, name="GAN")
        judge(keras.KerasTensor((None, self.resolution, self.resolution, 3)))
        self.add_part("GAN", judge)
        self.add_objective("GAN", self.optimizer(), name="GAN_opt", parts=["GAN"])
        return judge

    def draw(self, batch: PairBatch) -> MorphBatch:
        return self.compute_losses.draw(batch)

    def choose_channels(self, rows):
        """Which channels src takes from inter_src in the present iteration."""
        return self.draw_channels(self.optimizers["src_dst_opt"].iterations, rows)

    def view(self, src: np.ndarray, dst: np.ndarray) -> dict[str, np.ndarray]:
        """Previews of unwarped faces, 0..1: SS, DD both as they are with their masks SSM, DDM.

        SD, SDM (morphs, B, ...) are the swaps at VIEW_MORPHS and their masks.
        """
        swaps = [self.swap(dst, morph) for morph in VIEW_MORPHS]
        seen = self.run_view(moved(src, self.corrections.src), moved(dst, self.corrections.dst))
        return seen | {
            "SD": np.stack([swap.bgr for swap in swaps]),
            "SDM": np.stack([swap.prd_mask for swap in swaps]),
        }

    def compute_view(self, src, dst) -> dict:
        faces = self.networks.reconstruct(src, dst, self.choose_channels(keras.ops.shape(src)[0]))
        return {"SS": faces.src, "SSM": faces.src_mask, "DD": faces.dst, "DDM": faces.dst_mask}

    def swap(self, faces: np.ndarray, morph: float = 1.0) -> Swap:
        """dst's `faces` (B, R, R, 3) as far on the way to src as `morph` says, 0..1; any batch size."""
        shown = self.corrections.swap_input(faces, morph)
        found = self.run_swap(shown, np.full(len(faces), morph, np.float32))
        return found._replace(dst_mask=moved(found.dst_mask, self.corrections.dst_mask_to(morph)))

    def reconstructions(self, batch: PairBatch, count: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        return pair_reconstructions(self.run_view, batch, count)
