"""The XSeg model whose masks the editor offers: always its last save, as it may be in training meanwhile."""

from __future__ import annotations

import argparse
from collections import OrderedDict
from pathlib import Path
from threading import Lock

import numpy as np

from dfl_cli.errors import UserError
from dfl_cli.xseg.apply.view import mask_for_face, view_of
from dfl_cli.xseg.arguments import models_folder
from dfl_cli.xseg.edit.session import EditSession
from dfl_cli.xseg.predict import MaskNetwork, mask_from, open_xseg

MASKS_KEPT = 100  # 256 KB each


class ModelMasks:
    """Threads share it, one of them computes. TensorFlow is loaded for the first mask, and leaves the GPU to the training."""

    def __init__(self, models: Path, name: str | None):
        self.models, self.name = models, name
        self._lock = Lock()
        self._network: MaskNetwork | None = None
        self._masks: OrderedDict[int, np.ndarray] = OrderedDict()

    def newest(self) -> MaskNetwork:
        """The last save. Raises UserError where there is no model."""
        found = open_xseg(self.models, self.name, devices="cpu")
        if self._network is None or self._network.fingerprint != found.fingerprint:
            self._network = found
            self._masks.clear()
        return self._network

    def mask(self, session: EditSession, number: int) -> tuple[str, np.ndarray]:
        """Name of the model, and its mask of a face (256, 256) 0..1. Raises UserError."""
        with self._lock:
            network = self.newest()
            if number not in self._masks:
                view = view_of(session.info(number), session.picture(number), network.face_type)
                painted = mask_from(network.probabilities(view.picture[None]))
                self._masks[number] = np.clip(mask_for_face(painted[0], view), 0, 1)
            self._masks.move_to_end(number)
            while len(self._masks) > MASKS_KEPT:
                self._masks.popitem(last=False)
            return network.name, self._masks[number]


def model_masks(arguments: argparse.Namespace, folder: Path) -> ModelMasks | None:
    """The model that was named, or the one that a later training puts into the workspace; None where no place for it is known.

    Raises UserError where the named one is not there.
    """
    if arguments.models is None and arguments.workspace is None and arguments.name is None:
        try:
            return ModelMasks(models_folder(arguments, folder), None)
        except UserError:
            return None
    masks = ModelMasks(models_folder(arguments, folder), arguments.name)
    masks.newest()
    return masks
