"""Which engine computes: by the flag, by what is installed, and by what the cards need."""

import pytest

from dfl_cli import engines
from dfl_cli.doctor import engine as doctor
from dfl_cli.doctor.finding import GOOD, PROBLEM
from dfl_cli.engines import choose_engine
from dfl_cli.errors import UserError
from models.engine.capability import carries

ADA = {"GeForce RTX 4090": {"capability": 8.9}}
BLACKWELL = {"GeForce RTX 5090": {"capability": 12.0}}
BOTH = {"tensorflow": "2.21.0", "jax": "0.10.2"}.get
TENSORFLOW_ALONE = {"tensorflow": "2.21.0"}.get


def facts(known: dict) -> list[dict]:
    return [{"name": name, **values} for name, values in known.items()]


@pytest.mark.parametrize(
    ("capability", "tensorflow", "jax"),
    [(6.1, True, False), (8.6, True, True), (8.9, True, True), (9.0, True, True), (12.0, False, True)],
)
def test_code_of_a_generation_runs_on_its_later_cards(capability, tensorflow, jax):
    assert (carries("tensorflow", capability), carries("jax", capability)) == (tensorflow, jax)


def test_tensorflow_is_the_usual_engine(capsys):
    assert choose_engine(None, [], version_of=BOTH) == "tensorflow"
    assert choose_engine(None, ADA, known=ADA, version_of=BOTH) == "tensorflow"
    assert choose_engine(None, ["unknown card"], known={}, version_of=BOTH) == "tensorflow"
    assert capsys.readouterr().err == ""


def test_a_card_without_code_in_tensorflow_is_trained_on_by_jax_where_that_is_installed(capsys):
    assert choose_engine(None, BLACKWELL, known=BLACKWELL, version_of=BOTH) == "jax"
    said = capsys.readouterr()
    assert "RTX 5090" in said.out + said.err and "12.0" in said.out + said.err


def test_without_jax_it_says_what_to_install(capsys):
    assert choose_engine(None, BLACKWELL, known=BLACKWELL, version_of=TENSORFLOW_ALONE) == "tensorflow"
    said = capsys.readouterr()
    assert 'pip install "dfl-trainer[jax-cuda]"' in said.out + said.err


def test_the_flag_decides(capsys):
    assert choose_engine("tensorflow", BLACKWELL, known=BLACKWELL, version_of=BOTH) == "tensorflow"
    assert choose_engine("jax", ADA, known=ADA, version_of=BOTH) == "jax"
    capsys.readouterr()
    assert choose_engine("jax", [], version_of=BOTH) == "jax"
    said = capsys.readouterr()
    assert "0.55" in said.out + said.err  # of TensorFlow's speed on a CPU


def test_an_engine_that_is_not_installed_is_refused_with_its_extra():
    with pytest.raises(UserError, match=r"dfl-trainer\[jax\]"):
        choose_engine("jax", [], version_of=TENSORFLOW_ALONE)


@pytest.mark.parametrize(
    ("cards", "installed", "state", "engine"),
    [
        ({}, TENSORFLOW_ALONE, GOOD, "tensorflow"),
        (ADA, TENSORFLOW_ALONE, GOOD, "tensorflow"),
        (ADA, BOTH, GOOD, "tensorflow"),
        (BLACKWELL, BOTH, GOOD, "jax"),
        (BLACKWELL, TENSORFLOW_ALONE, PROBLEM, "tensorflow"),
        ({**ADA, **BLACKWELL}, BOTH, GOOD, "jax"),
    ],
)
def test_the_doctor_names_the_engine_for_the_cards(cards, installed, state, engine):
    found = doctor.finding(facts(cards), installed)
    assert (found.state, found.facts["engine"]) == (state, engine)
    if state == PROBLEM:
        assert 'pip install "dfl-trainer[jax-cuda]"' in found.advice and "--engine jax" in found.advice


def test_compute_capability_is_read_from_the_driver():
    text = "NVIDIA GeForce RTX 5090, 12.0, 580.65\nTesla, with comma, [N/A], 470\nGeForce GTX 1080, 6.1, 470.1\n"
    assert engines.parse_capabilities(text) == {
        "NVIDIA GeForce RTX 5090": {"capability": 12.0, "driver": "580.65"},
        "GeForce GTX 1080": {"capability": 6.1, "driver": "470.1"},
    }
