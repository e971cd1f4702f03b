"""Named pictures, by which a model class shows what its models make of faces. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

ROWS_HEIGHT = 800  # pixels that the rows may take together


class Preview(NamedTuple):
    """One picture the user can look at."""

    name: str
    image: np.ndarray  # (H, W, 3) float32 BGR 0..1
    rows: int = 1  # of equal height, each of which says something without the others

    def ends(self, above: int = 0) -> list[int]:
        """The height up to the end of each row, with `above` pixels on top."""
        return [above + len(self.image) * row // self.rows for row in range(1, self.rows + 1)]


def rows_shown(batch_size: int, resolution: int) -> int:
    """How many faces a preview shows."""
    return max(1, min(4, batch_size, ROWS_HEIGHT // resolution))


def mosaic(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Columns of n pictures (n, H, W, 3) -> one picture (n*H, columns*W, 3), clipped to 0..1."""
    rows = [np.concatenate([column[index] for column in columns], axis=1) for index in range(len(columns[0]))]
    return np.clip(np.concatenate(rows, axis=0), 0, 1)
