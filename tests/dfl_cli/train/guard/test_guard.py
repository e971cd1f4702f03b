"""When a training counts as broken down, and when not: loss curves and pictures, no network."""

import csv
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfl_cli.train.guard.collapse import HEALTHY, variety
from dfl_cli.train.guard.guard import Guard

NAMES = ("src", "dst")
VARIED, GREY = {"src": 0.6, "dst": 0.5}, {"src": 0.001, "dst": 0.001}


def watched(curve, guard: Guard | None = None, *, begin: int = 0):
    """The first verdict on the losses of a session, with the iteration at which it fell."""
    guard = guard or Guard(NAMES, begin)
    for iteration, losses in enumerate(curve, begin + 1):
        if verdict := guard.after_step(iteration, losses):
            return iteration, verdict
    return None


def noisy(levels, *, spread=0.3, seed=0):
    """Losses around `levels`: what batches of one to four faces do."""
    noise = np.random.default_rng(seed).normal(scale=spread, size=(len(levels), 2))
    return np.exp(np.log(levels)[:, None] + noise)


def level(*pieces):
    """(loss, iterations) after each other."""
    return np.concatenate([np.full(count, loss) for loss, count in pieces])


@given(st.lists(st.tuples(st.floats(1.0, 1.49), st.floats(0.1, 0.149)), max_size=400))
def test_losses_that_keep_to_a_band_are_calm(curve):
    guard = Guard(NAMES, 0)
    assert watched(curve, guard) is None
    assert guard.stable


@given(st.lists(st.floats(1.0, 2.4), max_size=700), st.integers(100, 600), st.floats(1e3, 1e30))
def test_one_wild_batch_is_no_verdict(curve, place, wild):
    losses = [(loss, 1.0) for loss in level((1.0, 60)).tolist() + curve]
    losses[place % len(losses)] = (wild, wild)
    found = watched(losses)
    assert found is None or found[1].ratio > 2.4  # never by the wild one alone


@pytest.mark.parametrize("spread", [0.15, 0.3, 0.5])
def test_a_usual_training_is_left_alone(spread):
    """Falling losses, noise as of small batches; every third batch unwarped as in Quick96."""
    falling = 0.3 + 2.7 * np.exp(-np.arange(6000) / 1000)
    falling[::3] *= 0.6
    assert watched(noisy(falling, spread=spread)) is None


def test_a_recorded_training_is_left_alone(shared):
    with (shared / "fixtures" / "reference_curve.csv").open() as file:
        rows = [(float(row["src_loss"]), float(row["dst_loss"])) for row in csv.DictReader(file)]
    guard = Guard(NAMES, 0)
    assert watched(rows, guard) is None
    assert guard.stable


@pytest.mark.parametrize(("jump", "iterations"), [(3, 46), (5, 33), (100, 18), (1e20, 18)])
def test_an_explosion_is_noticed(jump, iterations):
    found, verdict = watched(noisy(level((0.5, 1000), (0.5 * jump, 100))))
    assert 1000 < found <= 1000 + iterations
    assert (verdict.kind, verdict.ratio > 2.4) == ("losses", True)
    assert 980 <= verdict.since <= 1000  # so that no save from afterwards is taken


@pytest.mark.parametrize("duration", [100, 300, 1000, 3000])
def test_a_slow_collapse_is_noticed(duration):
    rise = np.concatenate([level((0.5, 2000)), np.geomspace(0.5, 2.0, duration), level((2.0, 1000))])
    found, verdict = watched(noisy(rise))
    assert 2000 < found <= 2000 + duration + 500
    assert verdict.since <= 2000 + 0.35 * duration  # the loss had risen by 60 % at most


def test_a_session_that_begins_with_an_explosion_goes_back_to_its_beginning():
    found, verdict = watched(noisy(level((0.5, 20), (5.0, 100))), begin=7000)
    assert (found, verdict.since) == (7050, 7010)


def test_a_higher_level_that_stays_is_accepted():
    guard = Guard(NAMES, 0)
    curve = noisy(level((0.5, 600), (0.9, 400)), spread=0.1)
    assert watched(curve[:700], guard) is None
    assert not guard.stable
    assert watched(curve[700:], guard, begin=700) is None
    assert guard.stable


def test_a_resumed_session_knows_the_level_of_the_one_that_ended_in_doubt():
    before = Guard(NAMES, 0)
    assert watched(level((0.5, 500), (2.0, 20))[:, None].repeat(2, 1), before) is None
    suspicion = before.suspicion(520)
    assert suspicion["since"] <= 500
    found, verdict = watched(level((2.0, 60))[:, None].repeat(2, 1), Guard(NAMES, 520, suspicion), begin=520)
    assert (found, verdict.since) == (570, suspicion["since"])


def test_after_going_back_it_is_calm_again_when_fifty_iterations_were():
    guard = Guard(NAMES, 0)
    curve = noisy(level((0.5, 300)), spread=0.1)
    watched(curve, guard)
    guard.rolled_back(200)
    calm = []
    for iteration, losses in enumerate(curve[:100], 201):
        guard.after_step(iteration, losses)
        calm.append(guard.stable)
    assert calm.index(True) == 49
    assert all(calm[49:])


def test_ten_bad_steps_in_a_row_are_a_verdict_nine_are_not():
    guard = Guard(NAMES, 40)
    assert not any(guard.after_skipped_step(40) for _ in range(9))
    assert not guard.stable
    guard.after_step(41, (1.0, 1.0))
    assert guard.stable
    verdicts = [guard.after_skipped_step(41) for _ in range(10)]
    assert verdicts[:9] == [None] * 9
    assert (verdicts[9].kind, verdicts[9].since) == ("steps", 40)


def test_painting_the_same_for_all_counts_when_it_is_new_and_seen_twice():
    guard = Guard(NAMES, 0)
    monitor = guard.collapse
    assert monitor.check(10, GREY) is None
    assert monitor.check(110, GREY) is None  # a new network
    assert monitor.check(210, VARIED) is None
    assert monitor.check(310, {"src": 0.6, "dst": 0.001}) is None
    assert (guard.stable, monitor.next_check) == (False, 320)
    verdict = monitor.check(320, {"src": 0.6, "dst": 0.001})
    assert (verdict.kind, verdict.name, verdict.since) == ("constant", "dst", 210)


def test_the_first_iteration_is_looked_at_then_the_eleventh_then_every_hundredth():
    guard, looked = Guard(NAMES, 40), []
    for iteration in range(41, 300):
        assert guard.checks_at(iteration) == (iteration >= guard.collapse.next_check)
        guard.check_collapse(iteration, lambda count, iteration=iteration: looked.append(iteration) or {})
    assert looked == [41, 51, 151, 251]


def test_one_grey_look_is_forgotten():
    guard = Guard(NAMES, 0)
    assert [guard.collapse.check(place, seen) for place, seen in ((10, VARIED), (110, GREY), (120, VARIED))] == [
        None
    ] * 3
    assert guard.stable


def test_variety_is_that_of_the_faces_or_less():
    true = np.random.default_rng(0).random((2, 8, 8, 3), np.float32)
    assert variety(true, true) == pytest.approx(1)
    assert variety(true * 0.5, true) == pytest.approx(0.5)
    assert variety(np.full_like(true, 0.4), true) == 0  # a flat picture
    assert variety(np.stack([true[0], true[0]]), true) == 0  # a face, but always the same
    assert variety(true[:1], true[:1]) == pytest.approx(1)  # a batch of one shows its own spread alone
    assert variety(np.zeros_like(true), np.full_like(true, 0.5)) == math.inf > HEALTHY
