"""The order in which faces are used."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from samplers.sample_order import Shuffled, UniformYaw, yaw_bins


@given(count=st.integers(1, 60), epoch=st.integers(0, 1000), seed=st.integers(0, 2**31))
def test_an_epoch_visits_each_face_exactly_once(count, epoch, seed):
    order = Shuffled(count, (seed,))
    assert sorted(order[n] for n in range(epoch * count, (epoch + 1) * count)) == list(range(count))


def test_epochs_sides_and_seeds_have_different_orders_and_the_same_ones_the_same():
    drawn_from = (((1, 0), 0), ((1, 0), 50), ((1, 1), 0), ((2, 0), 0))  # (key, first place)
    orders = [[Shuffled(50, key)[n] for n in range(start, start + 50)] for key, start in drawn_from]
    assert len({tuple(order) for order in orders}) == 4
    again = Shuffled(50, (1, 0))
    assert [again[n] for n in reversed(range(50))] == orders[0][::-1]


@given(st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=60), st.integers(0, 100))
def test_uniform_yaw_visits_every_direction_once_per_round_and_every_face_within_a_period(yaws, seed):
    order, bins = UniformYaw(yaws, (seed,)), yaw_bins(yaws)
    bin_of = {int(face): number for number, faces in enumerate(bins) for face in faces}
    drawn = [order[n] for n in range(2 * order.period)]
    for start in range(0, len(drawn), len(bins)):
        assert sorted(bin_of[face] for face in drawn[start : start + len(bins)]) == list(range(len(bins)))
    assert set(drawn) == set(range(len(yaws)))


def test_one_profile_among_ninety_nine_frontal_faces_comes_half_the_time():
    order = UniformYaw([0.0] * 99 + [1.1], (3,))
    assert Counter(order[n] == 99 for n in range(100)) == {True: 50, False: 50}


def test_yaws_beyond_the_grid_fall_into_the_outer_bins_and_edges_into_the_bin_they_begin():
    edges = np.linspace(-1.2, 1.2, 128)
    assert [bins.tolist() for bins in yaw_bins([1.5, 1.2, -1.2, -1.5])] == [[0, 1], [2, 3]]
    assert [bins.tolist() for bins in yaw_bins(-edges)] == [[number] for number in range(128)]
