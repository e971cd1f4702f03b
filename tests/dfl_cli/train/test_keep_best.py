"""The best save is kept: scored when the model is saved, kept beside the newest saves, and used by a merge."""

import pytest

from dfl_cli.errors import UserError
from dfl_cli.evaluate.quick import Quality
from dfl_cli.options.stages import Schedule, Stage
from dfl_cli.store.checkpoint import find_checkpoint
from dfl_cli.store.measure_history import read_measures
from dfl_cli.store.saved_model import open_best
from dfl_cli.train.measures import scoring


@pytest.fixture
def session(two_steps, monkeypatch):
    """A session of two steps whose swap is scored although it is so young."""
    monkeypatch.setattr(scoring, "FIRST", 1)
    return two_steps(keep_best=True).session


class Faked:
    """A scorer that says what it was given."""

    def __init__(self, *qualities):
        self.qualities = list(qualities)

    def score(self, model):
        return Quality(*self.qualities.pop(0))


def save(session) -> None:
    session.scoring._next = 0
    session.step()
    session.saves.save()
    assert session.saves.finish()


def test_the_save_with_the_highest_score_stays(session):
    session.scoring._scorer = Faked((0.2, 0.5, 0.95), (0.4, 0.5, 0.95), (0.3, 0.5, 0.95), (0.9, 0.9, 0.5))
    kept = []
    for _ in range(4):
        save(session)
        best = session.model_dir.best()
        kept.append((best.state().iteration, round(best.state().quality, 3)))
    assert kept == [(3, 0.1), (4, 0.2), (4, 0.2), (4, 0.2)]  # the last does not turn with dst
    assert [path.name for path in (session.model_dir.folder / "best").iterdir()] == ["0000004"]
    assert open_best(session.model_dir).iteration == 4


def test_a_damaged_best_save_is_replaced_by_the_next(session):
    session.scoring._scorer = Faked((0.5, 0.5, 0.95), (0.1, 0.5, None))
    save(session)
    weights = session.model_dir.best().folder / "weights.safetensors"
    weights.unlink()
    (weights.parent / "state.json").write_text("{")
    assert session.model_dir.best() is None
    with pytest.raises(UserError, match="no best save"):
        open_best(session.model_dir)
    save(session)
    assert open_best(session.model_dir).iteration == session.iteration


def test_scoring_takes_no_more_than_its_share(session):
    times = iter([0.0, 0.0, 3.0, 100.0, 200.0, 201.0, 202.0])
    session.scoring.clock = lambda: next(times)
    session.scoring._scorer, session.scoring._next = Faked((0.2, 0.5, 0.95), (0.4, 0.5, 0.95)), 0.0
    for iteration, scored in ((10, True), (20, False), (30, True)):
        session.scoring.refresh(iteration)
        assert (session.scoring.record is not None) == scored


def test_real_faces_are_scored(session):
    session.scoring._next = 0
    session.scoring.refresh(7)
    found = session.scoring.record
    assert found["iteration"] == 7
    known = {key: value for key, value in found.items() if key in Quality._fields and value is not None}
    kept = [one for one in read_measures(session.model_dir.folder) if one.iteration == 7]
    assert [set(one.values) for one in kept] == ([set(known)] if known else [])
    assert set(found) == {"iteration", "value", "identity_transfer", "expression_correlation", "yaw_correlation"}


def test_without_the_option_nothing_is_kept(two_steps):
    session = two_steps().session
    assert session.scoring is None
    assert not (session.model_dir.folder / "best").exists()


def test_a_stage_ends_when_the_best_save_is_old(session):
    session.scoring._scorer = Faked((0.2, 0.5, 0.95), (0.1, 0.5, 0.95))
    session.schedule = Schedule((Stage(until_best_age=2), Stage()), 0, 0)
    assert not session.stage_over  # nothing has been scored
    save(session)
    assert (session.scoring.best_iteration, session.stage_over) == (3, False)
    session.step()
    assert not session.stage_over
    save(session)
    assert (session.iteration, session.scoring.best_iteration, session.stage_over) == (5, 3, True)


def test_the_best_save_is_opened_by_its_name(session):
    session.scoring._scorer = Faked((0.4, 0.5, 0.95), (0.2, 0.5, 0.95))
    save(session)
    save(session)
    name, models = session.model_dir.name, session.model_dir.folder.parent
    assert [find_checkpoint(models, f"{name}{which}").iteration for which in ("@best", "")] == [3, 4]
