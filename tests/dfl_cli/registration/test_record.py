"""What is kept of where a model puts faces, and what is made of it."""

import pytest

from dfl_cli.registration.record import Registration, Side
from samplers.geometry.displacement import Displacement


def beside(x: float, y: float) -> Side:
    return Side(Displacement((x, y), (0.11111, 0.2), 1.00004, -0.1234, 32), (-x, -y))


def test_it_is_stored_in_a_state_and_read_again():
    record = Registration(7, beside(0.61234, -1.1), None)
    stored = record.as_dict()
    assert stored["src"] == {
        "shift": [0.612, -1.1], "spread": [0.111, 0.2], "scale": 1.0, "turn": -0.12, "faces": 32, "correction": [-0.612, 1.1],
    }  # fmt: skip
    assert Registration.from_state({"registration": stored}).as_dict() == stored
    assert Registration.from_state({}) is None
    assert Registration.from_state({"registration": None}) is None


@pytest.mark.parametrize("shift", [(0.61234, -1.10049), (0.04996, 0.01), (0.0494, -0.0494)])
def test_corrections_are_the_same_before_and_after_it_was_stored(shift):
    record = Registration(7, beside(*shift), beside(0.3, 0.0))
    assert Registration.from_state({"registration": record.as_dict()}).corrections == record.corrections


def test_corrections_lead_back():
    assert Registration(7, beside(0.6, -1.1), None).corrections == ((-0.6, 1.1), (0.0, 0.0))
