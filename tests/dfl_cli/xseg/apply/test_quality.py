"""Masks that deserve a look stand out."""

import numpy as np

from dfl_cli.xseg.apply.quality import changes, confidence, difference, painted

POINTS = np.random.default_rng(1).uniform(40, 200, (68, 2))


def half(edge=128, soft=0.0):
    """Face above the row `edge`; soft: how near to one half the probabilities are."""
    mask = np.full((256, 256), soft / 2, np.float32)
    mask[:edge] = 1 - soft / 2
    return mask


def mask_of(edge=128, shift=0):
    return painted(half(edge)[..., None], np.add(POINTS, (0, shift)), (256, 256))


def test_a_sharp_edge_is_sure_and_a_soft_one_is_not():
    assert confidence(half()) == 0.5
    assert 0.09 < confidence(half(soft=0.8)) < 0.11
    assert confidence(np.zeros((256, 256))) == 0
    assert confidence(np.full((256, 256), 0.9)) > 0.35


def test_only_the_edge_counts():
    unsure = half()
    unsure[200:] = 0.45  # far from the edge, and outside
    assert confidence(unsure) == 0.5


def test_masks_are_compared_where_the_face_is():
    assert difference(mask_of(), mask_of()) == 0
    assert 0.15 < difference(mask_of(128), mask_of(160)) < 0.25
    assert difference(mask_of(128), mask_of(160, shift=32)) < 0.03


def test_a_mask_that_flickers_once_differs_from_both_neighbors():
    edges = [100, 100, 200, 100, 100, 150, 150]
    masks = {number: mask_of(edge) for number, edge in enumerate(edges)}
    around = {number: [n for n in (number - 1, number + 1) if n in masks] for number in masks}
    found = changes(masks, around)
    assert max(found, key=found.get) == 2
    assert found[5] == found[4] == found[1] == 0  # a hand that comes and stays is no flicker
