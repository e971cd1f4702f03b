"""Orders by likeness."""

import cv2
import numpy as np
import pytest

from samplers.sorting.chains import difference_chain, distance_to_others, histogram_chain


def quiet(count: int) -> None:
    """Nobody watches."""


def random_histograms(count: int, channels: int = 3) -> np.ndarray:
    return np.random.RandomState(0).randint(0, 99, (count, channels, 256)).astype(np.float32)


def bhattacharyya(one: np.ndarray, other: np.ndarray) -> float:
    return sum(cv2.compareHist(*pair, cv2.HISTCMP_BHATTACHARYYA) for pair in zip(one, other, strict=True))


def test_distances_are_opencvs():
    histograms = random_histograms(20)
    sums = [sum(bhattacharyya(one, other) for other in histograms) for one in histograms]
    np.testing.assert_allclose(distance_to_others(histograms), sums, atol=3e-3)  # 20 x 3 roots of float32 rounding


def test_each_picture_is_followed_by_its_nearest_of_those_left():
    histograms = random_histograms(12)
    order = histogram_chain(histograms, quiet)
    assert order[0] == 0
    assert sorted(order) == list(range(12))
    for place, index in enumerate(order[:-1]):
        left = order[place + 1 :]
        distances = [bhattacharyya(histograms[index], histograms[other]) for other in left]
        assert distances[0] == pytest.approx(min(distances), abs=1e-4)


def test_shades_come_in_their_order_or_by_leaps():
    shades = np.float32([0, 30, 10, 20])[:, None] * np.ones(12, np.float32)
    assert difference_chain(shades, quiet) == [0, 2, 3, 1]
    assert difference_chain(shades, quiet, farthest=True) == [0, 1, 2, 3]


def test_progress_counts_every_picture_once():
    told = []
    histogram_chain(random_histograms(7), told.append)
    assert sum(told) == 7


def test_one_picture_and_none_are_orders_too():
    assert histogram_chain(random_histograms(1), quiet) == [0]
    assert difference_chain(np.zeros((0, 12)), quiet) == []
