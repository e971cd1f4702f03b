"""A trained model as merging sees it."""

import numpy as np

from dfl_cli.merge.compose import ModelFace
from dfl_cli.saved_model import SavedModel
from samplers.face_types import FaceType


class ModelPredictor:
    """The swap of a saved model: `face` says which square it wants, `predict` swaps several at once."""

    def __init__(self, saved: SavedModel):
        face_type = saved.options.get("face_type", "f")  # Quick96 asks for none: it swaps full faces
        self.model = saved.build()
        self.face = ModelFace(self.model.resolution, FaceType.from_short(face_type))

    def predict(self, faces):
        """(B, R, R, 3) float32 -> swapped faces (B, R, R, 3), their masks and the masks of the given faces (B, R, R, 1)."""
        return tuple(np.asarray(part) for part in self.model.swap(faces))
