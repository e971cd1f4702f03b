"""A perfect swap of the drawn people, read once, and the same with one thing spoiled."""

from __future__ import annotations

import numpy as np
import pytest

from dfl_cli.evaluate.metrics.reconstruction import Reconstructed
from dfl_cli.evaluate.readings import Reader
from dfl_cli.evaluate.scoring import Material, SrcReadings, details, scores_of
from dfl_cli.evaluate.swapping import Swapped
from drawn_swap import drawn


@pytest.fixture(scope="session")
def reader():
    return Reader()


@pytest.fixture(scope="session")
def perfect(reader) -> Material:
    """dst's face is B, the swap A in the same pose, expression and light."""
    dst, swap, src = drawn("dst"), drawn("swap"), drawn("src")
    swapped = Swapped(dst.pictures, swap.pictures, swap.masks, dst.masks)
    centroid, real = (
        reader.read_all(src.pictures[rows], src.landmarks[rows]) for rows in (slice(0, 12), slice(12, None))
    )
    sides = {
        side: Reconstructed(some.pictures, some.pictures, some.masks) for side, some in (("src", src), ("dst", dst))
    }
    return Material(
        swapped,
        reader.read_all(swapped.swap, dst.landmarks),
        reader.read_all(dst.pictures, dst.landmarks),
        SrcReadings(centroid, real, real, details(src.pictures[12:], src.masks[12:])),
        sides,
        np.arange(len(dst.pictures)) > 0,
    )


@pytest.fixture(scope="session")
def scores_with(perfect, reader):
    """The scores of the perfect swap with other arrays of `Swapped`, or other `sides`."""

    def scores(sides=None, **arrays):
        swapped = perfect.swapped._replace(**arrays)
        readings = perfect.swap
        if "swap" in arrays:
            readings = reader.read_all(swapped.swap, drawn("dst").landmarks)
        return scores_of(perfect._replace(swapped=swapped, swap=readings, sides=sides or perfect.sides))

    return scores


@pytest.fixture(scope="session")
def untouched(scores_with):
    return scores_with()
