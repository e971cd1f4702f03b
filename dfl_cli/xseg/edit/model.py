"""The XSeg model whose masks the editor offers: always its last save, as it may be in training meanwhile.

Before the first save it is the mask network that comes with the program.
"""

from __future__ import annotations

import argparse
from collections import OrderedDict
from pathlib import Path
from threading import Lock

import numpy as np

from dfl_cli.xseg.apply.view import mask_for_face, view_of
from dfl_cli.xseg.arguments import known_models_folder
from dfl_cli.xseg.edit.session import EditSession
from dfl_cli.xseg.predict import MaskNetwork, mask_from, open_xseg_or_generic

MASKS_KEPT = 100  # 256 KB each


class ModelMasks:
    """Threads share it, one of them computes. TensorFlow is loaded for the first mask, and leaves the GPU to the training."""

    def __init__(self, models: Path | None, name: str | None):
        self.models, self.name = models, name
        self._lock = Lock()
        self._network: MaskNetwork | None = None
        self._masks: OrderedDict[int, np.ndarray] = OrderedDict()

    def newest(self) -> MaskNetwork:
        """The last save. Raises UserError where there is none of that name."""
        found = open_xseg_or_generic(self.models, self.name, devices="cpu")
        if self._network is None or self._network.fingerprint != found.fingerprint:
            self._network = found
            self._masks.clear()
        return self._network

    def mask(self, session: EditSession, number: int) -> tuple[str | None, np.ndarray]:
        """Name of the model (None: the built-in network), and its mask of a face (256, 256) 0..1. Raises UserError."""
        with self._lock:
            network = self.newest()
            if number not in self._masks:
                view = view_of(session.info(number), session.picture(number), network.face_type)
                painted = mask_from(network.probabilities(view.picture[None]))
                self._masks[number] = np.clip(mask_for_face(painted[0], view), 0, 1)
            self._masks.move_to_end(number)
            while len(self._masks) > MASKS_KEPT:
                self._masks.popitem(last=False)
            return None if network.is_generic else network.name, self._masks[number]


def model_masks(arguments: argparse.Namespace, folder: Path) -> ModelMasks:
    """The model that was named, or the one that is in the workspace, now or after a later training.

    Raises UserError where the named one is not there.
    """
    masks = ModelMasks(known_models_folder(arguments, folder), arguments.name)
    if (arguments.models, arguments.workspace, arguments.name) != (None, None, None):
        masks.newest()
    return masks
