"""All of AMP's losses from one forward pass (models.md 3.6)."""

from collections.abc import Callable
from typing import Any, NamedTuple

from keras import ops

from models.classes.pair_batch import PairBatch
from models.classes.saehd_losses import Target
from models.engine.checkpointing import segment
from models.losses import pixels as losses
from models.losses import style as losses_style
from models.losses.style import cross_entropy
from models.powers import Powers
from models.spec import AmpTrainSpec


class MorphBatch(NamedTuple):
    """Faces, and the channels (B, inter_dims) that src's take from inter_src, 0 or 1."""

    faces: PairBatch
    from_src: Any


class AmpLosses:
    """Losses of a `PairBatch`, each float32 (B,): "src", "dst" (reported), "generator", and "GAN" while it is on.

    networks             AmpNetworks
    powers               how much the GAN counts
    choose_channels      (rows) -> (rows, inter_dims), the channels of this step that src takes from inter_src
    patch_discriminator  None while GAN is off
    """

    def __init__(
        self,
        networks,
        train: AmpTrainSpec,
        *,
        powers: Powers,
        resolution: int,
        choose_channels: Callable,
        patch_discriminator,
    ):
        self.networks, self.train, self.powers, self.resolution = networks, train, powers, resolution
        self.choose_channels, self.patch_discriminator = choose_channels, patch_discriminator

    def draw(self, batch: PairBatch) -> MorphBatch:
        return MorphBatch(batch, self.choose_channels(ops.shape(batch.warped_src)[0]))

    def __call__(self, batch: PairBatch | MorphBatch) -> dict:
        batch, from_src = batch if isinstance(batch, MorphBatch) else self.draw(batch)
        faces = self.networks.reconstruct(batch.warped_src, batch.warped_dst, from_src)
        src = self.target(batch.target_src, batch.mask_src, batch.em_src)
        dst = self.target(batch.target_dst, batch.mask_dst, batch.em_dst)
        src_loss = self.reconstruction(src, faces.src, faces.src_mask)
        dst_loss = self.reconstruction(dst, faces.dst, faces.dst_mask)
        around = 1 - dst.soft_mask
        background = 0.1 * losses.per_face(ops.square(faces.dst * around - dst.picture * around))
        background += 1e-6 * self.variation(faces.dst * around)
        found = {"src": src_loss, "dst": dst_loss, "generator": src_loss + dst_loss + background}
        if self.patch_discriminator is not None:
            self.add_gan_losses(found, src, dst, faces)
        return found

    def target(self, picture, mask, em_mask) -> Target:
        if self.train.blur_out_mask:
            picture = losses.blur_out(picture, mask, self.resolution)
        return Target(picture, mask, losses.soften(mask, self.resolution), em_mask)

    def reconstruction(self, target: Target, guess, guessed_mask):
        return segment(lambda *guesses: self.difference(target, *guesses))(guess, guessed_mask)

    def difference(self, target: Target, guess, guessed_mask):
        truth_seen, guess_seen = target.picture * target.soft_mask, guess * target.soft_mask
        loss = losses.structural_at_two_sizes(truth_seen, guess_seen, self.resolution)
        loss += losses.squared(truth_seen, guess_seen)
        loss += losses.eyes_and_mouth(target.picture, guess, target.em_mask)
        return loss + losses.squared(target.mask, guessed_mask)

    def variation(self, picture):
        """The reference lays pictures out as (B, C, H, W) here and so compares colors instead of columns (quirk Q1)."""
        return losses_style.total_variation(picture)

    def add_gan_losses(self, found: dict, src: Target, dst: Target, faces) -> None:
        """GAN on both people; smoothness of src, and a little pull on its surroundings."""
        pictures = [
            src.picture * src.soft_mask,
            dst.picture * dst.soft_mask,
            faces.src * src.soft_mask,
            faces.dst * dst.soft_mask,
        ]
        judge = segment(self.patch_discriminator, self.patch_discriminator)
        center, pixels = (ops.split(verdict, 4) for verdict in judge(ops.concatenate(pictures)))
        real, painted = [*center[:2], *pixels[:2]], [*center[2:], *pixels[2:]]
        found["GAN"] = sum(cross_entropy(1, verdict) for verdict in real) / 8
        found["GAN"] += sum(cross_entropy(0, verdict) for verdict in painted) / 8
        power = ops.cast(self.powers["gan_power"], "float32")
        found["generator"] += power * sum(cross_entropy(1, verdict) for verdict in painted)
        around = 1 - src.soft_mask
        found["generator"] += 1e-6 * self.variation(faces.src)
        found["generator"] += 0.02 * losses.per_face(ops.square(faces.src * around - src.picture * around))
