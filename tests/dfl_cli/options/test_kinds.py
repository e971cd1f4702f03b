"""What can be typed for each kind of value, and what becomes of it."""

import pytest

from dfl_cli.options.kinds import Choice, Integer, MatchingText, Number, Numbered, Text, YesNo
from dfl_cli.options.tables.video import Time


@pytest.mark.parametrize("typed", ["y", "Y", "yes", "true", "是", "1", " ｙ "])
def test_yes_in_every_spelling(typed):
    assert YesNo().read(typed) is True


@pytest.mark.parametrize("typed", ["n", "No", "false", "否", "0", "off"])
def test_no_in_every_spelling(typed):
    assert YesNo().read(typed) is False


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (YesNo(), "maybe"),
        (Integer(), "12.5"),
        (Integer(), "a few"),
        (Integer(), True),
        (Integer(), "1" * 5000),
        (Integer(1), 10**400),
        (Integer(1, 512), "1" + "0" * 400),
        (Number(), 10**400),
        (Time(), "1" + "0" * 400),
        (Time(), "99999999:00:00"),
        (Number(), "nan"),
        (Number(), "inf"),
        (Number(), "1e999"),
        (Number(), "1,5"),
        (Number(), False),
        (Choice(("h", "f")), "wf"),
        (Numbered(("none", "rct")), "2"),
        (Numbered(("none", "rct")), True),
        (MatchingText("ab?", rule="a, or ab"), "abb"),
    ],
)
def test_what_is_not_of_the_kind_is_refused(kind, typed):
    with pytest.raises(ValueError):
        kind.read(typed)


@pytest.mark.parametrize(
    ("kind", "value", "fitted", "said"),
    [
        (Integer(32, 1024), 1500, 1024, ["1500 is above 1024: using 1024"]),
        (Integer(32, 1024), 3, 32, ["3 is below 32: using 32"]),
        (Integer(32, 1024), 100, 100, []),
        (Integer(64, 640, multiple=32), 70, 64, ["70 is not a multiple of 32: using 64"]),
        (Integer(16, 256, multiple=2, round_up=True), 17, 18, ["17 is not a multiple of 2: using 18"]),
        (Integer(1, multiple=4), 2, 4, ["2 is not a multiple of 4: using 4"]),
        (Number(0.0, 5.0), 7.0, 5.0, ["7.0 is above 5.0: using 5.0"]),
        (Number(0.0, 5.0), -0.5, 0.0, ["-0.5 is below 0.0: using 0.0"]),
    ],
)
def test_a_value_outside_the_limits_is_moved_and_the_move_is_said(kind, value, fitted, said):
    assert kind.clamp_to_limits(value, {}) == (fitted, said)


def test_full_width_digits_count():
    assert Integer().read("２５６") == 256


def test_a_choice_is_found_in_any_case_and_keeps_the_list_spelling():
    assert Choice(("none", "RCT")).read("rct") == "RCT"


@pytest.mark.parametrize(("raw", "choice"), [(True, "y"), (False, "n"), ("是", "y"), ("cpu", "cpu")])
def test_old_models_say_true_and_false_where_y_and_n_are_choices(raw, choice):
    assert Choice(("n", "y", "cpu")).read(raw) == choice


def test_a_numbered_choice_takes_the_number_or_the_name():
    kind = Numbered(("original", "overlay"))
    assert kind.read("1") == kind.read("Overlay") == kind.read(1) == "overlay"
    assert kind.show("overlay") == "overlay"
    assert kind.menu() == ["(0) original", "(1) overlay"]


def test_text_is_taken_as_typed():
    assert Text().read(" 我的 Modell_1 ") == "我的 Modell_1"
