"""What a model tells about its losses and its pictures, for models that do not tell it themselves."""

from collections.abc import Mapping

import numpy as np


def loss_names(model) -> tuple[str, ...]:
    """In the order in which its step gives the losses."""
    return getattr(model, "loss_names", ("src", "dst"))


def reconstructions(model, batch, count: int) -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
    """Name -> (predicted, target), pictures (count, H, W, 3) of the first `count` faces of `batch`."""
    if hasattr(model, "reconstructions"):
        return model.reconstructions(batch, count)
    src, dst = batch.target_src[:count], batch.target_dst[:count]
    found = model.view(src, dst)
    return {"src": (found["SS"], src), "dst": (found["DD"], dst)}
