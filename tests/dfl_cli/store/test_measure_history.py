"""What was measured of a model over time, and whether more examples have helped."""

import json

import numpy as np
import pytest

from dfl_cli.store.measure_history import NAME, Measured, append_measure, compare, read_measures


def measures(examples: int, means, *, first: int = 0, faces: str = "abcd", spread: float = 0.02) -> list[Measured]:
    """One measurement for each mean; the faces lie around it, always at the same distance."""
    offsets = np.linspace(-spread, spread, len(faces))
    return [
        Measured(
            first + number, "IoU", examples, {face: mean + more for face, more in zip(faces, offsets, strict=True)}
        )
        for number, mean in enumerate(means)
    ]


FEW = measures(20, [0.7, 0.8, 0.85, 0.85, 0.85])


def test_what_is_appended_comes_back(tmp_path):
    for one in FEW:
        append_measure(tmp_path, one)
    assert [one.iteration for one in read_measures(tmp_path)] == [0, 1, 2, 3, 4]
    assert read_measures(tmp_path)[0].values == pytest.approx(FEW[0].values, abs=1e-5)
    assert read_measures(tmp_path)[-1].mean == pytest.approx(0.85)


def test_a_model_that_went_back_forgets_what_came_later(tmp_path):
    for one in FEW:
        append_measure(tmp_path, one)
    assert [one.iteration for one in read_measures(tmp_path, newest=2)] == [0, 1, 2]


def test_damaged_lines_are_passed_over(tmp_path):
    append_measure(tmp_path, FEW[0])
    whole = json.loads((tmp_path / NAME).read_text())
    with (tmp_path / NAME).open("a") as file:
        file.writelines(
            json.dumps(whole | wrong) + "\n" for wrong in ({"values": {"a": "high"}}, {"examples": -1}, {"values": {}})
        )
        file.write("[" * 100_000 + '\n{"iteration": 7, "na')
    append_measure(tmp_path, FEW[1])
    assert [one.iteration for one in read_measures(tmp_path)] == [0, 1]
    assert read_measures(tmp_path / "nowhere") == []


def test_more_examples_that_bring_nothing_are_noticed():
    found = compare(FEW + measures(30, [0.84, 0.85, 0.851, 0.85, 0.85, 0.851], first=5))
    assert (found.before, found.now, found.helped) == (20, 30, False)
    assert (found.mean_before, found.mean_now) == pytest.approx((0.85, 0.85), abs=1e-3)


def test_more_examples_that_help_are_noticed():
    found = compare(FEW + measures(30, [0.88, 0.9, 0.9, 0.9, 0.9, 0.9], first=5))
    assert found.helped
    assert found.mean_now == pytest.approx(0.9)


def test_a_gain_within_the_noise_is_none():
    rising = [0.86, 0.88, 0.84, 0.88, 0.85, 0.87]  # the mean of the last three is higher than 0.85, and means nothing
    assert not compare(FEW + measures(30, rising, first=5)).helped
    uneven = [
        one._replace(values={"a": 0.99, "b": 0.77, "c": 0.95, "d": 0.8}) for one in measures(30, [0] * 6, first=5)
    ]
    assert not compare(FEW + uneven).helped  # two faces gain, two lose


@pytest.mark.parametrize(
    "history",
    [
        [],
        FEW,
        FEW + measures(30, [0.85] * 5, first=5),  # too few
        FEW[:2] + measures(30, [0.85] * 6, first=5),  # too few before
        FEW + measures(30, [0.80, 0.81, 0.82, 0.83, 0.84, 0.85], first=5),  # training still helps
        FEW + measures(30, [0.85] * 6, first=5, faces="wxyz"),  # other faces
        measures(30, [0.85] * 5) + measures(20, [0.85] * 6, first=5),  # labels were removed
    ],
)
def test_nothing_is_said_without_grounds(history):
    assert compare(history) is None


def test_faces_that_were_held_out_later_do_not_count():
    now = measures(30, [0.85] * 6, first=5)
    added = [one._replace(values={**one.values, "new": 0.1}) for one in now]
    assert compare(FEW + added) == compare(FEW + now)
