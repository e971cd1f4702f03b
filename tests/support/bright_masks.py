"""A mask network that is ready at once: the brighter a pixel, the surer it is of face. It stands in for XSeg's of 17 million weights."""

import os
from pathlib import Path

import numpy as np

from dfl_cli.store.model_dir import ModelDir
from dfl_cli.xseg.predict import MaskNetwork

MOST = "DFL_TEST_FACES_AT_ONCE"  # environment variable: how many faces there is memory for


class BrightMasks:
    def __init__(self, darkest: float):
        self.darkest = darkest

    def view(self, pictures: np.ndarray) -> dict[str, np.ndarray]:
        if len(pictures) > int(os.environ.get(MOST, "99")):
            raise MemoryError("no room for so many")
        gray = pictures.mean(axis=-1, keepdims=True)
        return {"mask": 1 / (1 + np.exp(12 * (self.darkest - gray)))}


def load(network: MaskNetwork) -> BrightMasks:
    """Instead of `MaskNetwork.load`."""
    return BrightMasks(float(network.read_weights()))


def save_model(models: Path, name: str = "XSeg", *, darkest: float = 0.5, **options) -> None:
    """A model of ours whose only weight is how dark a pixel of a face may be."""
    one = ModelDir(models / name)
    one.create("XSeg", {})
    header = {
        "model_class": "XSeg",
        "iteration": 1,
        "options": {"face_type": "wf", "resolution": 256, **options},
        "seed": 1,
    }
    one.save(header, {"weights.safetensors": lambda path: path.write_text(str(darkest))})


def put_in_place(replace=setattr) -> None:
    """replace  `setattr`, or what does the same for a while"""
    from models import weights

    replace(MaskNetwork, "load", load)
    replace(weights, "load", lambda path: path.read_text())
