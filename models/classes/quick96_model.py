"""The networks of Quick96 and how they are trained (models.md 2.2, 3.7, 4)."""

from models.classes.pair_batch import PairBatch
from models.classes.pair_model import PairModel
from models.engine.checkpointing import segment
from models.engine.seeded import seeded_mask
from models.losses import pixels as losses
from models.model import DROPOUT_KEEP
from models.networks.df import Df
from models.optimizers import RMSprop
from models.spec import ModelSpec

LEARNING_RATE = 2e-4


class Quick96Model(PairModel):
    """See `Model`. `seed` decides the first weights and the learning-rate dropout, which is always on."""

    def __init__(self, spec: ModelSpec, *, seed: int):
        super().__init__(Df(spec), resolution=spec.resolution, seed=seed)
        optimizer = RMSprop(LEARNING_RATE, draw_mask=seeded_mask(seed, DROPOUT_KEEP))
        self.add_objective("generator", optimizer, name="src_dst_opt", parts=self.networks.parts)
        self.compile()

    def compute_losses(self, batch: PairBatch) -> dict:
        """Each float32 (B,); eyes and mouth do not count more than the rest."""
        faces = self.networks.reconstruct(batch.warped_src, batch.warped_dst)
        src_loss = reconstruction(batch.target_src, batch.mask_src, faces.src, faces.src_mask)
        dst_loss = reconstruction(batch.target_dst, batch.mask_dst, faces.dst, faces.dst_mask)
        return {"src": src_loss, "dst": dst_loss, "generator": src_loss + dst_loss}


def reconstruction(truth, mask, guess, guessed_mask):
    return segment(lambda *guesses: difference(truth, mask, *guesses))(guess, guessed_mask)


def difference(truth, mask, guess, guessed_mask):
    """How far a picture and its mask are from what they should be, inside the mask and a blurred edge around it."""
    resolution = mask.shape[1]
    edge = losses.gaussian_blur(mask, resolution // 32)  # neither doubled nor clipped, as SAEHD's is (quirk Q10)
    truth, guess = truth * edge, guess * edge
    loss = losses.structural(truth, guess, resolution) + losses.squared(truth, guess)
    return loss + losses.squared(mask, guessed_mask)
