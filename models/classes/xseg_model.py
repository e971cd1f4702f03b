"""The network of XSeg and how it is trained (models.md 2.4, 3.8, 4)."""

import keras
import numpy as np
from keras import ops

from models.classes.xseg_batch import LOSS_NAMES, XSegBatch
from models.engine.checkpointing import segment
from models.engine.engine import engine
from models.engine.seeded import seeded_mask
from models.losses import pixels as losses
from models.model import DROPOUT_KEEP, Model
from models.networks.xseg import XSegNetwork
from models.networks.xseg_blocks import RESOLUTION
from models.optimizers import RMSprop

LEARNING_RATE = 1e-4
NAME = "XSeg"


class XSegModel(Model):
    """See `Model`. `seed` decides the first weights and the learning-rate dropout, which is always on.

    pretrain  it learns to paint its picture in gray, without skips, instead of the mask
    """

    loss_names = LOSS_NAMES

    def __init__(self, *, pretrain: bool, seed: int):
        super().__init__(resolution=RESOLUTION, seed=seed)
        picture = (RESOLUTION, RESOLUTION, 3)
        self.network = XSegNetwork(skips=not pretrain, name=NAME)
        self.network(keras.KerasTensor((None, *picture)))  # symbolic: creates the variables, computes nothing
        self.add_part(NAME, self.network)
        self.loss_of = painting if pretrain else overlap
        optimizer = RMSprop(LEARNING_RATE, draw_mask=seeded_mask(seed, DROPOUT_KEEP))
        self.add_objective("loss", optimizer, name="XSeg_opt", parts=[NAME])
        self.run_view = engine().compile_forward(self.compute_view, picture)
        self.compile()

    def compute_losses(self, batch: XSegBatch) -> dict:
        """float32 (B,)"""
        logits = self.network(batch.picture)
        return {"loss": segment(lambda logits: self.loss_of(batch.mask, logits))(logits)}

    def view(self, pictures: np.ndarray) -> dict[str, np.ndarray]:
        """The mask (B, 256, 256, 1) 0..1 of pictures as they are; of a model in pretraining the picture in gray."""
        return self.run_view(pictures)

    def compute_view(self, pictures) -> dict:
        return {"mask": ops.sigmoid(self.network(pictures))}

    def reconstructions(self, batch: XSegBatch, count: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        batch = batch.first(count)
        return {"loss": (self.view(batch.picture)["mask"], batch.mask)}


def overlap(mask, logits):
    """Binary cross-entropy of each pixel."""
    return losses.per_face(ops.binary_crossentropy(mask, logits, from_logits=True))


def painting(gray, logits):
    """How far the picture is from the one it should be."""
    painted = ops.sigmoid(logits)
    return losses.structural_at_two_sizes(gray, painted, RESOLUTION) + losses.squared(gray, painted)
