"""All of SAEHD's losses from one forward pass (models.md 3.4, 3.5)."""

from typing import Any, NamedTuple

from keras import ops

from models.classes.pair_batch import PairBatch
from models.engine.checkpointing import segment
from models.losses import pixels as losses
from models.losses import style as losses_style
from models.losses.style import cross_entropy
from models.powers import Powers
from models.spec import TrainSpec


class Target(NamedTuple):
    """What one side should look like. `picture` (B, R, R, 3), the rest (B, R, R, 1)."""

    picture: Any
    mask: Any
    soft_mask: Any
    em_mask: Any


class SaehdLosses:
    """Losses of a `PairBatch`, each float32 (B,): "src", "dst" (reported), "generator", and those of the judges.

    networks            Df or Liae
    train               what really holds, see `TrainSpec.effective`
    powers              how much style and judges count
    code_discriminator  None while true face is off
    patch_discriminator None while GAN is off
    """

    def __init__(
        self, networks, train: TrainSpec, *, powers: Powers, resolution: int, code_discriminator, patch_discriminator
    ):
        self.networks, self.train, self.powers, self.resolution = networks, train, powers, resolution
        self.code_discriminator, self.patch_discriminator = code_discriminator, patch_discriminator

    def __call__(self, batch: PairBatch) -> dict:
        faces = self.networks.reconstruct(batch.warped_src, batch.warped_dst)
        src = self.target(batch.target_src, batch.mask_src, batch.em_src)
        dst = self.target(batch.target_dst, batch.mask_dst, batch.em_dst)
        src_loss = self.reconstruction(src, faces.src, faces.src_mask) + self.style(faces, src, dst)
        dst_loss = self.reconstruction(dst, faces.dst, faces.dst_mask)
        found = {"src": src_loss, "dst": dst_loss, "generator": src_loss + dst_loss}
        if self.code_discriminator is not None:
            self.add_true_face_losses(found, faces)
        if self.patch_discriminator is not None:
            self.add_gan_losses(found, src, faces.src)
        return found

    def weight(self, power: str):
        return ops.cast(self.powers[power], "float32")

    def target(self, picture, mask, em_mask) -> Target:
        if self.train.blur_out_mask:
            picture = losses.blur_out(picture, mask, self.resolution)
        return Target(picture, mask, losses.soften(mask, self.resolution), em_mask)

    def visible(self, picture, target: Target):
        """What of a picture counts: with masked training the face and a soft edge around it."""
        return picture * target.soft_mask if self.train.masked_training else picture

    def reconstruction(self, target: Target, guess, guessed_mask):
        return segment(lambda *guesses: self.difference(target, *guesses))(guess, guessed_mask)

    def difference(self, target: Target, guess, guessed_mask):
        truth_seen, guess_seen = self.visible(target.picture, target), self.visible(guess, target)
        loss = losses.structural(truth_seen, guess_seen, self.resolution) + losses.squared(truth_seen, guess_seen)
        if self.train.eyes_mouth_prio:
            loss += losses.eyes_and_mouth(target.picture, guess, target.em_mask)
        return loss + losses.squared(target.mask, guessed_mask)

    def style(self, faces, src: Target, dst: Target):
        """How far the swap is from dst in the colors of the face and in what surrounds it; 0 while both are off."""
        loss = 0.0
        if "face_style_power" in self.powers:
            swap, swap_mask = self.networks.decode_swap(ops.stop_gradient(faces.swap_code))  # teaches the decoder only
            loss += losses_style.style_difference(
                swap * ops.stop_gradient(swap_mask),
                ops.stop_gradient(faces.dst * faces.dst_mask),
                blur=self.resolution // 8,
                weight=10000 * (self.powers["face_style_power"] / 100),
            )
        if "bg_style_power" in self.powers:
            swap, swap_mask = self.networks.decode_swap(faces.swap_code)
            area = ops.stop_gradient(self.background_area(swap_mask * faces.dst_mask, src))
            window = int(self.resolution / 11.6)
            power = self.powers["bg_style_power"] / 100
            loss += losses_style.background(dst.picture * area, swap * area, power=power, window=window)
        return loss

    def background_area(self, swapped_face, src: Target):
        """1 where neither the swap nor dst shows a face. The reference takes the src target's surroundings (quirk Q2)."""
        return 1 - ops.clip(losses.gaussian_blur(swapped_face, max(1, self.resolution // 32)), 0, 1)

    def add_true_face_losses(self, found: dict, faces) -> None:
        """True face: codes of src should look like codes of dst."""
        src_verdict, dst_verdict = self.code_discriminator(faces.src_code), self.code_discriminator(faces.dst_code)
        found["generator"] += self.weight("true_face_power") * cross_entropy(1, src_verdict)
        found["code_discriminator"] = 0.5 * (cross_entropy(1, dst_verdict) + cross_entropy(0, src_verdict))

    def add_gan_losses(self, found: dict, src: Target, guess) -> None:
        """GAN on src alone; with masked training also smoothness, and a little pull on the surroundings."""
        judge = segment(self.patch_discriminator, self.patch_discriminator)
        real, painted = judge(self.visible(src.picture, src)), judge(self.visible(guess, src))
        found["GAN"] = 0.5 * sum(cross_entropy(1, verdict) for verdict in real)
        found["GAN"] += 0.5 * sum(cross_entropy(0, verdict) for verdict in painted)
        found["generator"] += self.weight("gan_power") * sum(cross_entropy(1, verdict) for verdict in painted)
        if self.train.masked_training:
            around = 1 - src.soft_mask
            found["generator"] += 1e-6 * losses_style.total_variation(guess)
            found["generator"] += 0.02 * losses.per_face(ops.square(guess * around - src.picture * around))
