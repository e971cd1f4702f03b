"""A trained model as merging sees it."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from dfl_cli.devices import Gpu
from dfl_cli.merge.pixels.crop import ModelFace
from dfl_cli.store.registration_file import registration_of
from dfl_cli.store.saved_model import SavedModel
from models.classes.corrections import NONE, Corrections
from samplers.geometry.face_types import FaceType


def model_face(saved: SavedModel) -> ModelFace:
    """The square a saved model swaps; TensorFlow is not needed to know it."""
    options = saved.options
    averaged = options.get("corrected_samples", False)
    return ModelFace(options["resolution"], FaceType.from_short(options["face_type"]), averaged)


def known_corrections(saved: SavedModel) -> Corrections:
    """What the faces of a saved model are moved by, as far as it was measured."""
    record = registration_of(saved)
    return record.corrections if record else NONE


class SwapNetwork:
    """The network of a saved model on these GPUs, or on the processor; built once, when it is first asked for."""

    def __init__(self, saved: SavedModel, gpus: Sequence[Gpu] = ()):
        self.saved, self.gpus = saved, gpus

    @cached_property
    def model(self):
        """Without corrections. Loads TensorFlow."""
        from models.engine.runtime import prepare

        prepare([gpu.index for gpu in self.gpus] or "cpu")
        return self.saved.build(corrected=False)


class ModelPredictor:
    """The swap of a saved model: `face` says which square it wants, `predict` swaps several at once."""

    def __init__(self, network: SwapNetwork, own: Sequence = (), *, corrections: Corrections = NONE):
        """
        own          what `swap` of this class takes beside the faces, such as the morph value of AMP, see `ModelClass.merge_options`
        corrections  what faces are moved by
        """
        self.model = network.model
        self.own, self.corrections = tuple(own), corrections
        self.face = model_face(network.saved)

    def predict(self, faces, *, corrected: bool = True):
        """(B, R, R, 3) float32 -> swapped faces (B, R, R, 3), their masks and the masks of the given faces (B, R, R, 1).

        corrected  False: where the model has learned to put them
        raises     OutOfMemory when the device has no room for so many
        """
        self.model.corrections = self.corrections if corrected else NONE
        return tuple(np.asarray(part) for part in self.model.swap(faces, *self.own))
