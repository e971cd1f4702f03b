"""Previews of SAEHD and Quick96: which pictures stand in which column, and the one picture they become (models.md 6.4). Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dfl_cli.preview.loss_graph import draw_loss_graph

SMALL = 256  # up to this resolution all five columns share one picture
ROWS_HEIGHT = 800  # pixels that the rows may take together


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


class Preview(NamedTuple):
    """One picture the user can look at."""

    name: str
    image: np.ndarray  # (H, W, 3) float32 BGR 0..1
    rows: int = 1  # of equal height, each of which can be shown without the others

    def ends(self, above: int = 0) -> list[int]:
        """The height up to the end of each row, with `above` pixels on top."""
        return [above + len(self.image) * row // self.rows for row in range(1, self.rows + 1)]


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


def rows_shown(batch_size: int, resolution: int) -> int:
    """How many faces a preview shows."""
    return max(1, min(4, batch_size, ROWS_HEIGHT // resolution))


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


def mosaic(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Columns of n pictures (n, H, W, 3) -> one picture (n*H, columns*W, 3), clipped to 0..1."""
    rows = [np.concatenate([column[index] for column in columns], axis=1) for index in range(len(columns[0]))]
    return np.clip(np.concatenate(rows, axis=0), 0, 1)


def with_loss_graph(preview: np.ndarray, losses: np.ndarray, iteration: int, names: Sequence[str] = ()) -> np.ndarray:
    """The loss graph stacked on a preview, as uint8 BGR. `names` are those of the losses."""
    graph = draw_loss_graph(losses, iteration, preview.shape[1], names)
    return np.rint(np.concatenate([graph, preview], axis=0) * 255).astype(np.uint8)
