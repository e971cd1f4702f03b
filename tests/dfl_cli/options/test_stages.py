"""Stages: plateaus, ramps, and where in a schedule a model is. All of it without training."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfl_cli.options.stages import NO_STAGES, Plateau, Ramp, Schedule, Stage


def falling(share: float, span: int, count: int, level: float = 1.0) -> np.ndarray:
    """(count, 2) losses that lose `share` of themselves in each `span` iterations."""
    curve = level * (1 - share) ** (np.arange(count) / span)
    return np.stack([curve, curve], axis=1)


def first_reached(plateau: Plateau, losses: np.ndarray) -> int | None:
    """After how many iterations of a stage, whose losses these are, the plateau is reached."""
    for steps in range(1, len(losses) + 1):
        if plateau.reached(steps, lambda last, now=steps: losses[max(0, now - last) : now]):
            return steps
    return None


shares = st.floats(0.001, 0.5)
spans = st.integers(10, 40)


@given(shares, spans, st.floats(1e-3, 1e3))
def test_a_loss_that_stands_still_is_a_plateau_after_two_spans(share, span, level):
    found = first_reached(Plateau(share, span), np.full((4 * span, 2), level))
    assert 2 * span <= found < 2 * span + max(1, span // 10)


@given(shares, spans, st.floats(1e-3, 1e3))
def test_a_loss_that_falls_faster_than_the_share_is_none_and_a_slower_one_is(share, span, level):
    plateau = Plateau(share, span)
    assert first_reached(plateau, falling(1.2 * share, span, 5 * span, level)) is None
    assert first_reached(plateau, falling(0.8 * share, span, 5 * span, level)) is not None


@given(spans, st.integers(0, 2**31))
def test_it_depends_on_nothing_but_the_losses_of_two_spans(span, seed):
    plateau, rng = Plateau(0.05, span), np.random.default_rng(seed)
    losses, other = rng.uniform(0.5, 1.0, (6 * span, 2)), rng.uniform(5.0, 9.0, (6 * span, 2))
    steps = 4 * span - (4 * span) % max(1, span // 10)
    other[steps - 2 * span : steps] = losses[steps - 2 * span : steps]
    answers = {plateau.reached(steps, lambda last, rows=rows: rows[steps - last : steps]) for rows in (losses, other)}
    assert len(answers) == 1


@given(st.floats(1e-9, 0.999), st.integers(1, 10**7))
def test_a_plateau_is_read_as_it_is_written(share, span):
    assert Plateau.parse(str(Plateau(share, span))) == Plateau(share, span)


@pytest.mark.parametrize(
    "text", ["", "0.01", "0.01 per", "1 per 100", "0 per 100", "0.1 per 0", "1% per 100", "nan per 9"]
)
def test_what_is_no_plateau_is_refused(text):
    with pytest.raises(ValueError):
        Plateau.parse(text)


@given(st.floats(0, 5), st.floats(0, 5), st.integers(1, 10**6), st.integers(0, 2 * 10**6))
def test_a_ramp_stays_between_its_ends_and_gets_there(first, last, over, steps):
    ramp = Ramp(first, last, over)
    assert ramp.at(0) == first and ramp.at(over) == ramp.at(over + steps) == last
    assert min(first, last) - 1e-9 <= ramp.at(steps) <= max(first, last) + 1e-9
    assert ramp.at(steps) <= ramp.peak + 1e-9


WARPED = Stage(until_iter=100, values={"random_warp": True})
STILL = Stage(until_plateau=Plateau(0.01, 50), values={"random_warp": False})
SHARP = Stage(until_iter=900, ramps={"gan_power": Ramp(0.0, 0.1, 200)})
SOFT = Stage(values={"lr_dropout": "y"}, ramps={"gan_power": Ramp(0.1, 0.0, 10)})
ALL = (WARPED, STILL, SHARP, SOFT)


def losses(_count):
    return np.ones((100, 2))


def test_a_stage_ends_at_its_iteration_or_its_plateau():
    assert [WARPED.ended(iteration, 0, losses) for iteration in (99, 100)] == [False, True]
    assert [STILL.ended(iteration, 100, losses) for iteration in (199, 200)] == [False, True]
    assert not SOFT.ended(10**9, 0, losses)


def test_what_a_stage_changes_stays_until_another_changes_it_and_a_ramp_leaves_its_end():
    assert Schedule(ALL, 2, 300).changes() == {"random_warp": False, "gan_power": 0.1}
    assert Schedule(ALL, 3, 900).changes() == {"random_warp": False, "gan_power": 0.1, "lr_dropout": "y"}
    assert Schedule((*ALL, Stage()), 4, 950).changes()["gan_power"] == 0.0


def test_a_power_is_a_function_of_the_iteration_alone():
    schedule = Schedule(ALL, 2, 300)
    assert [schedule.powers(iteration)["gan_power"] for iteration in (300, 400, 500, 800)] == [0.0, 0.05, 0.1, 0.1]
    assert Schedule(ALL, 1, 100).powers(150) == {}


@pytest.mark.parametrize(("iteration", "index"), [(0, 0), (99, 0), (100, 1), (5000, 1)])
def test_stages_given_to_a_trained_model_begin_behind_those_it_has_behind_it(iteration, index):
    assert Schedule.starting_at(ALL, iteration) == Schedule(ALL, index, iteration)


@pytest.mark.parametrize("schedule", [NO_STAGES, Schedule(ALL, 2, 345)])
def test_the_state_of_a_model_gives_the_schedule_back(schedule):
    assert Schedule.from_state(schedule.as_state()) == schedule
    assert bool(schedule.as_state()) == bool(schedule.stages)


def test_a_stage_ends_when_its_best_save_is_old_enough():
    stage = Stage(until_best_age=200)
    assert stage.ends
    assert not stage.ended(10**6, 0, losses)  # no save was scored
    assert [stage.ended(iteration, 0, losses, best=300) for iteration in (499, 500)] == [False, True]
    assert [stage.ended(iteration, 400, losses, best=300) for iteration in (599, 600)] == [False, True]  # of this stage
    assert Stage.from_data(stage.as_data()) == stage
    assert [one for one in range(1, 1001) if stage.may_end(one, 0)] == list(range(200, 1001, 100))
