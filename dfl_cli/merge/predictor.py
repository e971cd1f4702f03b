"""A trained model as merging sees it."""

from collections.abc import Sequence

import numpy as np

from dfl_cli.merge.pixels.crop import ModelFace
from dfl_cli.store.saved_model import SavedModel
from samplers.geometry.face_types import FaceType


def model_face(saved: SavedModel) -> ModelFace:
    """The square a saved model swaps; TensorFlow is not needed to know it."""
    options = saved.options
    averaged = options.get("corrected_samples", False)
    return ModelFace(options["resolution"], FaceType.from_short(options["face_type"]), averaged)


class ModelPredictor:
    """The swap of a saved model: `face` says which square it wants, `predict` swaps several at once."""

    def __init__(self, saved: SavedModel, own: Sequence = ()):
        """`own`: what `swap` of this class takes beside the faces, such as the morph value of AMP."""
        self.model = saved.build()
        self.own = tuple(own)
        self.face = model_face(saved)

    def predict(self, faces):
        """(B, R, R, 3) float32 -> swapped faces (B, R, R, 3), their masks and the masks of the given faces (B, R, R, 1).

        raises  OutOfMemory when the device has no room for so many
        """
        return tuple(np.asarray(part) for part in self.model.swap(faces, *self.own))
