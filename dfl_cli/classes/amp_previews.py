"""Previews of AMP: one face of each person in two rows of three, at several morph values (models.md 6.4). Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dfl_cli.classes.preview import Preview, mosaic


class MorphFaces(NamedTuple):
    """One unwarped face of each side and what the model makes of them; pictures (1,H,W,3), masks (1,H,W,1), float32 0..1.

    The names are those of `pair_previews.Faces`. SD and SDM hold the swaps at the morph values 0.25, 0.5, 0.65, 0.75 and 1.
    """

    S: np.ndarray
    D: np.ndarray
    SS: np.ndarray
    DD: np.ndarray
    DDM: np.ndarray
    SD: Sequence[np.ndarray]
    SDM: Sequence[np.ndarray]


def morph_previews(model_class: str, model, batch) -> list[Preview]:
    """The first face of each side of a `PairBatch`; batches are drawn at random, so it is another one each time."""
    src, dst = batch.target_src[:1], batch.target_dst[:1]
    seen = model.view(src, dst)
    shown = {name: seen[name] for name in ("SS", "DD", "DDM", "SD", "SDM")}
    return draw_morphs(model_class, MorphFaces(S=src, D=dst, **shown))


def draw_morphs(model_class: str, faces: MorphFaces) -> list[Preview]:
    """The whole swap beside what it is made of; the way to it; the same inside the masks."""
    masked = [swap * mask * faces.DDM for swap, mask in zip(faces.SD, faces.SDM, strict=True)]
    cells = {
        "morph 1.0": (faces.S, faces.D, faces.DD * faces.DDM, faces.SS, faces.DD, faces.SD[-1]),
        "morph list": (faces.DD, *faces.SD),
        "morph list masked": (faces.DD, *masked),
    }
    return [Preview(f"{model_class} {name}", two_rows(*six)) for name, six in cells.items()]


def two_rows(*six: np.ndarray) -> np.ndarray:
    """Six pictures (1, H, W, 3) as one (2H, 3W, 3), row by row."""
    return mosaic([np.concatenate([six[column], six[column + 3]]) for column in range(3)])
