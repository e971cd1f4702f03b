"""Faces go through a model in batches and come back in order."""

import numpy as np
import pytest

from dfl_cli.evaluate.faces import ScoredFace
from dfl_cli.evaluate.swapping import RECONSTRUCTED, reconstructed, swapped


def faces(count, start=0.0):
    """Each a little brighter than the one before."""
    pictures = start + np.arange(count, dtype=np.float32)[:, None, None, None] / 100 + np.zeros((8, 8, 3), np.float32)
    mask, landmarks = np.ones((8, 8, 1), np.float32), np.zeros((68, 2))
    return [ScoredFace(str(number), picture, mask, landmarks, None) for number, picture in enumerate(pictures)]


def paler(pictures):
    masks = np.full((*pictures.shape[:3], 1), 0.5, np.float32)
    return pictures + 0.5, masks, masks


def test_every_face_gets_its_own_swap():
    found = swapped(paler, faces(11))
    assert found.swap[:, 0, 0, 0] == pytest.approx(0.5 + np.arange(11) / 100)
    assert found.laid_on[:, 0, 0, 0] == pytest.approx(0.125 + np.arange(11) / 100)  # a quarter of the swap's brightness
    assert found.one(3).dst.shape == (1, 8, 8, 3)


def test_memory_for_one_face_is_enough():
    def small(pictures):
        if len(pictures) > 1:
            raise MemoryError
        return paler(pictures)

    assert np.array_equal(swapped(small, faces(5)).swap, swapped(paler, faces(5)).swap)


def test_each_side_is_painted_through_its_own_path():
    found = reconstructed(lambda src, dst: (src + 0.1, dst + 0.2), faces(3), faces(99))
    assert {side: len(some.painted) for side, some in found.items()} == {"src": 3, "dst": RECONSTRUCTED}
    assert found["src"].painted == pytest.approx(found["src"].truth + 0.1)
    assert found["dst"].painted == pytest.approx(np.clip(found["dst"].truth + 0.2, 0, 1))
