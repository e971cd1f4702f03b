"""Which way the faces look, as a map of cells: yaw across, pitch upward. A cell filters the faces."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from dfl_cli.review.face_table import FaceTable

STEP = 10  # degrees of a cell
WIDEST = 90  # degrees to either side
SIDE = 2 * WIDEST // STEP  # cells

Cell = tuple[
    int, int
]  # row (pitch, 0 looks down most), column (yaw, 0 has the nose most toward the right side of the picture)


def cells_of(table: FaceTable) -> np.ndarray:
    """(N, 2) int: the cell of every face; -1, -1 where its pose is not known."""
    degrees = np.stack([table.values["pitch"], table.values["yaw"]], axis=1)
    known = np.isfinite(degrees).all(axis=1)
    cells = np.full(degrees.shape, -1)
    cells[known] = np.clip((degrees[known] + WIDEST) // STEP, 0, SIDE - 1)
    return cells


def heat_map(cells: np.ndarray) -> np.ndarray:
    """(SIDE, SIDE) int: how many faces are in each cell."""
    counts = np.zeros((SIDE, SIDE), int)
    known = cells[cells[:, 0] >= 0]
    np.add.at(counts, (known[:, 0], known[:, 1]), 1)
    return counts


def rows_in(cells: np.ndarray, chosen: Collection[Cell]) -> np.ndarray:
    """Which faces, as rows of the table, are in the `chosen` cells; all where none is chosen."""
    if not chosen:
        return np.arange(len(cells))
    numbers = cells[:, 0] * SIDE + cells[:, 1]
    wanted = [row * SIDE + column for row, column in chosen]
    return np.flatnonzero(np.isin(numbers, wanted) & (cells[:, 0] >= 0))
