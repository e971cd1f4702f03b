"""The network of an XSeg model: a saved one of ours, or DeepFaceLab's files as they lie in its model folder."""

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dfl_cli.classes.registry import CLASSES
from dfl_cli.errors import UserError
from dfl_cli.model.dfl_folder import read_dict
from dfl_cli.model.dfl_options import options_from_dfl
from dfl_cli.model.import_dfl import whole_number
from dfl_cli.model.tensor_errors import as_user_error
from dfl_cli.store.dfl_models import DflModel
from dfl_cli.store.durable import sha256
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import FOR_RESULTS, models_of, named_or_newest, open_model
from dfl_cli.terminal.ignored_files import mention_ignored
from dfl_cli.translate import listed, tr
from models.classes.xseg_generic import SHA256, generic_weights
from samplers.geometry.face_types import FaceType

XSEG, GENERIC = "XSeg", "generic"
SIDE = 256  # pixels of what the network sees and of its mask
LOWEST = 0.1  # mask values below it are noise and become 0 (models.md 2.4)


class Facts(NamedTuple):
    """What is known of a network before its weights are read."""

    name: str
    iteration: int | None  # None where the files do not say
    face_type: FaceType | None  # None where the files do not say: pictures are taken as they are
    fingerprint: str  # changes with the weights
    options: Mapping


class MaskNetwork:
    """Paints masks. The weights are read, and TensorFlow is loaded, when the first face is painted.

    read_weights  -> the weights by our keys; raises UserError
    devices       as of `models.engine.runtime.prepare`; they count only where TensorFlow was not loaded before
    """

    def __init__(
        self, facts: Facts, read_weights: Callable[[], Mapping], *, devices: Sequence[int] | str | None = None
    ):
        self.name, self.iteration, self.face_type, self.fingerprint, self.options = facts
        self.read_weights, self.devices = read_weights, devices
        self._model, self._lock = None, threading.Lock()

    @property
    def is_generic(self) -> bool:
        """Whether it is the one that comes with the program; a model may have its name."""
        return self.fingerprint == SHA256

    def probabilities(self, pictures: np.ndarray) -> np.ndarray:
        """(B, 256, 256, 3) float32 BGR 0..1 -> (B, 256, 256, 1) float32, how sure the network is of face. Raises OutOfMemory."""
        return np.asarray(self.load().view(np.asarray(pictures, np.float32))["mask"], np.float32)

    def masks(self, pictures: np.ndarray) -> np.ndarray:
        """The same as masks: what is below `LOWEST` is 0."""
        return mask_from(self.probabilities(pictures))

    def load(self):
        """The model with its weights."""
        with self._lock:
            if self._model is None:
                weights = self.read_weights()
                if "keras" not in sys.modules:
                    from models.engine.runtime import prepare

                    prepare(self.devices)
                options = {**self.options, **FOR_RESULTS, "pretrain": False}  # pretraining cuts the skip connections
                model = CLASSES[XSEG].network.build(options, seed=0)
                model.load(weights)
                self._model = model
            return self._model


def mask_from(probabilities: np.ndarray) -> np.ndarray:
    """A mask as the reference's tools take it from the network."""
    mask = np.clip(probabilities, 0, 1)
    mask[mask < LOWEST] = 0
    return mask


def open_xseg(models: Path, name: str | None = None, *, devices: Sequence[int] | str | None = None) -> MaskNetwork:
    """The XSeg model called `name`, or the one saved last; where there is none of ours, DeepFaceLab's XSeg_256.npy.

    Raises:
        UserError: there is none; the message lists what there is.
    """
    mention_ignored(models)
    found = find_xseg(models, name, devices=devices)
    if found is not None:
        return found
    names = listed(one.name for one in models_of(models, [XSEG]))
    raise UserError(
        tr("There is no XSeg model called {name}.", name=name) if name else tr("There is no XSeg model yet."),
        saw=tr("in {folder}: {names}", folder=models, names=names or tr("nothing")),
        fix=tr("Train one with dfl xseg train, or check --models and --name. dfl xseg apply --generic needs none."),
    )


def open_xseg_or_generic(
    models: Path | None, name: str | None = None, *, devices: Sequence[int] | str | None = None
) -> MaskNetwork:
    """The same; where no model is named and there is none, the network that comes with the program.

    models  None: there is no folder for models
    """
    if name is not None:
        return open_xseg(models, name, devices=devices)
    found = None
    if models is not None:
        mention_ignored(models)
        found = find_xseg(models, devices=devices)
    return open_generic(devices=devices) if found is None else found


def open_generic(*, devices: Sequence[int] | str | None = None) -> MaskNetwork:
    """The network that comes with the program. Its file is read when the first face is painted."""
    return MaskNetwork(Facts(GENERIC, None, FaceType.WHOLE, SHA256, {}), generic_weights, devices=devices)


def find_xseg(
    models: Path, name: str | None = None, *, devices: Sequence[int] | str | None = None
) -> MaskNetwork | None:
    """The same; None where there is none. Raises UserError for one that cannot be opened."""
    chosen = named_or_newest(models, name, [XSEG])
    if chosen is not None:
        return network_of_ours(chosen, devices)
    dfl = DflModel(models, "", XSEG)
    if weights_file(dfl).is_file() and (name is None or dfl.is_called(name)):
        return network_of_dfl(dfl, devices)
    return None


def network_of_ours(model_dir: ModelDir, devices=None) -> MaskNetwork:
    """Raises UserError."""
    saved = open_model(model_dir)

    def read_weights() -> Mapping:
        from models import weights

        return weights.load(saved.swap_file)

    kind = FaceType.from_short(saved.options["face_type"])
    facts = Facts(saved.name, saved.iteration, kind, saved.fingerprint, saved.options)
    return MaskNetwork(facts, read_weights, devices=devices)


def network_of_dfl(model: DflModel, devices=None) -> MaskNetwork:
    """Raises UserError."""
    path, record = weights_file(model), {}
    if model.options_file.is_file():
        record = read_dict(model.options_file)
    stored = record.get("options")
    stored = stored if isinstance(stored, dict) else {}
    options = options_from_dfl(XSEG, stored).values
    kind = FaceType.from_short(options["face_type"]) if stored.get("face_type") is not None else None
    facts = Facts(model.prefix, whole_number(record.get("iter")), kind, sha256(path), options)

    def read_weights() -> Mapping:
        from models.exchange.dfl_checkpoint import read_part

        (part,) = CLASSES[XSEG].network.layout(options).parts
        stored = read_dict(path)
        with as_user_error(path):
            return read_part(part, stored)

    return MaskNetwork(facts, read_weights, devices=devices)


def weights_file(model: DflModel) -> Path:
    (part,) = CLASSES[XSEG].network.layout({}).parts
    return model.file(part.file)
