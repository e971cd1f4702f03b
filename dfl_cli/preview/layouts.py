"""The previews of every model class, from one training batch."""

from collections.abc import Callable

import numpy as np

from dfl_cli.preview.grid import Faces, Preview, draw_columns, rows_shown
from dfl_cli.preview.morph import MorphFaces, draw_morphs

View = Callable[[np.ndarray, np.ndarray], dict]  # faces of src and dst -> what the model makes of them


def draw_previews(model_class: str, batch, view: View, *, whole_head: bool) -> list[Preview]:
    """All previews of a model for the unwarped faces of `batch`, a `models.engine.train_step.Batch`."""
    return LAYOUTS[model_class](model_class, batch, view, whole_head)


def columns(model_class: str, batch, view: View, whole_head: bool) -> list[Preview]:
    """A row per face, as many as fit."""
    count = rows_shown(*batch.target_src.shape[:2])
    src, dst = batch.target_src[:count], batch.target_dst[:count]
    masks = {"src_mask": batch.mask_src[:count], "dst_mask": batch.mask_dst[:count]}
    return draw_columns(model_class, Faces(S=src, D=dst, **masks, **view(src, dst)), whole_head=whole_head)


def morphs(model_class: str, batch, view: View, whole_head: bool) -> list[Preview]:
    """The first face of each side; batches are drawn at random, so it is another one each time."""
    src, dst = batch.target_src[:1], batch.target_dst[:1]
    seen = view(src, dst)
    shown = {name: seen[name] for name in ("SS", "DD", "DDM", "SD", "SDM")}
    return draw_morphs(model_class, MorphFaces(S=src, D=dst, **shown))


LAYOUTS = {"SAEHD": columns, "Quick96": columns, "AMP": morphs}
