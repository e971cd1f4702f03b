"""Where a model puts faces: measured when it is saved, kept with the save, taken off in previews."""

import pytest

from dfl_cli.registration.record import Registration
from dfl_cli.store.saved_model import open_model
from dfl_cli.train.measures import registering


@pytest.fixture
def measured(two_steps, monkeypatch):
    """A session of two steps whose model is measured although it is so young."""
    monkeypatch.setattr(registering, "FIRST", 1)
    return two_steps()


def test_a_save_holds_where_faces_lie_and_the_model_is_corrected(measured):
    found = Registration.from_state(measured.saved.state)
    assert found.iteration == 2
    assert found.src.displacement.faces > 0 or found.dst.displacement.faces > 0
    assert measured.session.model.corrections == measured.session.registering.record.corrections
    assert measured.saved.build().corrections == found.corrections


def test_a_session_starts_with_what_the_save_says(measured, tmp_path):
    resumed = measured.resumed(measured.session.model_dir)
    assert resumed.model.corrections == Registration.from_state(measured.saved.state).corrections
    assert resumed.state()["registration"] == measured.saved.state["registration"]


def test_young_models_are_not_measured(two_steps):
    story = two_steps()
    assert "registration" not in story.saved.state
    assert Registration.from_state(story.saved.state) is None


def test_an_error_while_measuring_costs_no_save(two_steps, monkeypatch):
    story = two_steps()
    session, broken = story.session, RuntimeError("the device is gone")
    monkeypatch.setattr(registering, "FIRST", 1)

    def fail(*_, **__):
        raise broken

    session.model.reconstructions = fail
    session.step()
    with pytest.raises(RuntimeError):
        session.saves.save()
    session.saves.emergency_save()
    assert open_model(session.model_dir).iteration == 3


def test_too_little_memory_is_reported_and_the_save_is_made(two_steps, monkeypatch):
    story = two_steps()
    session, lines = story.session, []
    monkeypatch.setattr(registering, "FIRST", 1)

    def fail(*_, **__):
        raise MemoryError

    session.model.reconstructions, session.registering.notice = fail, lines.append
    session.step()
    session.saves.final_save()
    assert open_model(session.model_dir).iteration == 3
    assert lines == ["Not enough memory to measure where the model puts faces."]
