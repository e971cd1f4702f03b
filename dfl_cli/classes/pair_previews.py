"""Previews of SAEHD and Quick96: which pictures stand in which column (models.md 6.4). Pure."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from dfl_cli.classes.preview import Preview, mosaic, rows_shown

SMALL = 256  # up to this resolution all five columns share one picture


class Faces(NamedTuple):
    """Unwarped faces of one batch and what the model makes of them; pictures (B,H,W,3), masks (B,H,W,1), float32 0..1.

    The names are the reference's: S and D the targets, `src_mask` and `dst_mask` their masks, SS and DD the reconstructions,
    SD the swap, each with the mask the network predicts (SSM, DDM, SDM).
    """

    S: np.ndarray
    D: np.ndarray
    src_mask: np.ndarray
    dst_mask: np.ndarray
    SS: np.ndarray
    SSM: np.ndarray
    DD: np.ndarray
    DDM: np.ndarray
    SD: np.ndarray
    SDM: np.ndarray


Cell = Callable[[Faces, np.ndarray], np.ndarray]  # (faces, mask of the swap) -> one column of pictures


PLAIN: tuple[Cell, ...] = (
    lambda faces, swap_mask: faces.S,
    lambda faces, swap_mask: faces.SS,
    lambda faces, swap_mask: faces.D,
    lambda faces, swap_mask: faces.DD,
    lambda faces, swap_mask: faces.SD,
)
MASKED: tuple[Cell, ...] = (
    lambda faces, swap_mask: faces.S * faces.src_mask,
    lambda faces, swap_mask: faces.SS,
    lambda faces, swap_mask: faces.D * faces.dst_mask,
    lambda faces, swap_mask: faces.DD * faces.DDM,
    lambda faces, swap_mask: faces.SD * swap_mask,
)
LARGE: Mapping[str, tuple[Cell, ...]] = {  # above SMALL each preview is two columns wide
    "src-src": PLAIN[0:2],
    "dst-dst": PLAIN[2:4],
    "pred": (PLAIN[2], PLAIN[4]),
    "masked src-src": MASKED[0:2],
    "masked dst-dst": MASKED[2:4],
    "masked pred": (MASKED[2], MASKED[4]),
}


def pair_previews(model_class: str, model, batch, options: Mapping) -> list[Preview]:
    """All previews of a model for the unwarped faces of a `PairBatch`: a row per face, as many as fit."""
    count = rows_shown(*batch.target_src.shape[:2])
    src, dst = batch.target_src[:count], batch.target_dst[:count]
    masks = {"src_mask": batch.mask_src[:count], "dst_mask": batch.mask_dst[:count]}
    faces = Faces(S=src, D=dst, **masks, **model.view(src, dst))
    return draw_columns(model_class, faces, whole_head=options["face_type"] == "head")


def layout_of(model_class: str, resolution: int) -> dict[str, tuple[Cell, ...]]:
    """Preview name -> its columns, in the order in which the user steps through them."""
    if resolution <= SMALL:
        return {model_class: PLAIN, f"{model_class} masked": MASKED}
    return {f"{model_class} {name}": columns for name, columns in LARGE.items()}


def draw_columns(model_class: str, faces: Faces, *, whole_head: bool) -> list[Preview]:
    """All previews of a model for these faces. For the face type head the mask of the swap alone cuts the swap out."""
    swap_mask = faces.SDM if whole_head else faces.SDM * faces.DDM
    return [
        Preview(name, mosaic([column(faces, swap_mask) for column in columns]), rows=len(faces.S))
        for name, columns in layout_of(model_class, faces.S.shape[1]).items()
    ]
