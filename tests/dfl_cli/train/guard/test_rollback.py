"""A training that breaks down, with a real network: steps left out, going back to a save, care, giving up."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from types import SimpleNamespace

import numpy as np
import pytest

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.model.listing import quick_facts
from dfl_cli.options.stages import NO_STAGES
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.loss_history import LossHistory
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import load_save
from dfl_cli.store.state import State
from dfl_cli.train.guard.guard import Guard
from dfl_cli.train.guard.record import REDUCED_STEP_ITERATIONS, RecoveryRecord
from dfl_cli.train.guard.report import RecoveryFailed, explain_recovery_failed, usual_cause
from dfl_cli.train.guard.rollback import iteration_in
from dfl_cli.train.guard.verdict import Verdict
from dfl_cli.train.loop import recover, train
from dfl_cli.train.previews import Previews
from dfl_cli.train.report import LossReport
from dfl_cli.train.session import Session
from dfl_cli.translate import set_language
from models.engine import runtime

runtime.prepare("cpu", deterministic=True, seed=1)

from models.classes.pair_batch import PairBatch  # noqa: E402

NAMES = ("src", "dst")
SIDE = 64
SMALL = {
    "archi": "df",
    "resolution": SIDE,
    "ae_dims": 16,
    "e_dims": 4,
    "d_dims": 4,
    "d_mask_dims": 2,
    "clipgrad": False,
}
GAN = {"gan_power": 0.1, "gan_patch_size": 16, "gan_dims": 4}
QUICK = 1e-3  # learning rate: the network is tiny, and the tests are in a hurry
OPTIONS = {**ask_table(SAEHD.table, ask_now=False), **SMALL, **GAN}


class Faces:
    """Batch n is the same for the same n; those numbered in `bad` hold no numbers."""

    skipped = ()

    def __init__(self, start: int, bad: Iterable[int] = ()):
        self.number, self.bad = start, set(bad)

    def __next__(self) -> PairBatch:
        dark, bright = np.random.default_rng(self.number).uniform(0.2, 0.8, (2, 2, 2, 1, 1, 1))
        slope = np.linspace(0, 1, SIDE)[:, None, None] * np.ones((SIDE, SIDE, 3))
        src, dst = (dark + (bright - dark) * slope).astype(np.float32)
        if self.number in self.bad:
            src[0, 3, 3] = np.nan
        mask = np.ones_like(src[..., :1])
        self.number += 1
        return PairBatch(src, src, mask, mask, dst, dst, mask, mask)


@pytest.fixture(scope="module")
def network():
    """One compiled model for all tests, with its first weights for `fresh`."""
    model = SAEHD.network.build(OPTIONS, seed=1)
    return SimpleNamespace(model=model, weights=model.weights(), state=model.optimizer_state())


@pytest.fixture
def opened(network, tmp_path):
    """`opened(bad=...)`: a session of a new model, or of the one that was saved before."""
    sessions = []

    def open_one(bad=(), target=0, options=OPTIONS) -> Session:
        model_dir, model = ModelDir(tmp_path / "ab"), network.model
        state = State(iteration=0, options=None)
        if model_dir.exists:
            saved = model_dir.newest()[0]
            state = saved.state()
            load_save(model, saved, model_class="SAEHD", options=options)
        else:
            model_dir.create("SAEHD", {})
            model.load(network.weights, network.state)
        for optimizer in model.optimizers.values():
            optimizer.learning_rate = QUICK
        record, report = RecoveryRecord.from_state(state), LossReport()
        history = LossHistory(model_dir.folder / "loss.csv", state["iteration"], NAMES)
        session = Session(
            model_dir, model, Faces(state["iteration"] + record.skipped_batches, bad), options=options | {"target_iter": target},
            state=State(state, model_class="SAEHD", seed=1, history_seed=1), summary=lambda reached: "",
            schedule=NO_STAGES, record=record, guard=Guard(NAMES, state["iteration"], state.get("doubtful")),
            history=history, previews=Previews(model_dir.folder, model, lambda batch: [], history, report=report), report=report,
        )  # fmt: skip
        sessions.append(session)
        return session

    yield open_one
    for session in sessions:
        session.saves.close()


def run(session: Session, steps: int) -> None:
    for _ in range(steps):
        step(session)


def step(session: Session) -> None:
    outcome = session.step()
    if outcome.verdict:
        recover(session, outcome.verdict)


def next_number(session: Session) -> int:
    """Of the batch that the next step trains, which is already taken from the feed."""
    assert session.upcoming.comes()
    return session.feed.number - 1


def saved(session: Session) -> None:
    session.saves.save()
    assert session.saves.finish()


def assert_same(weights, others) -> None:
    assert weights.keys() == others.keys()
    for name, array in weights.items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)


def test_a_bad_batch_is_left_out_and_the_next_one_taken(opened, capsys):
    session = opened(bad=[2, 3])
    run(session, 5)
    assert (session.iteration, next_number(session), session.record.skipped_batches) == (3, 5, 2)
    assert "Iteration 3: losses or gradients were not finite." in capsys.readouterr().err
    saved(session)
    assert next_number(opened()) == 5


def test_ten_bad_steps_go_back_to_a_save_and_a_stop_makes_no_difference(opened, capsys):
    session = opened(bad=range(6, 16))
    run(session, 3)
    saved(session)
    good = session.model.weights()
    run(session, 13)  # three good ones, ten bad ones
    assert session.iteration == 3
    assert_same(session.model.weights(), good)
    said = capsys.readouterr().err
    assert (
        "10 steps in a row without finite losses or gradients. Rolled back to the save of iteration 3. Until iteration 2003"
        in said
    )
    assert "multiplied by 0.5" in said
    assert "gan_power 0.1" in said
    assert session.history.iteration == 3
    assert next_number(session) == session.iteration + session.record.skipped_batches == 16

    run(session, 2)
    session.saves.final_save()
    on = session.model.weights()
    run(session, 3)
    straight, slots = session.model.weights(), session.model.optimizer_state()
    assert any((on[name] != straight[name]).any() for name in on)
    again = opened()
    assert (again.iteration, next_number(again), again.record.recent_rollbacks) == (5, 18, 1)
    run(again, 3)
    assert_same(again.model.weights(), straight)
    assert_same(again.model.optimizer_state(), slots)


def test_an_exploding_learning_rate_goes_back_and_goes_on_with_finite_weights(opened, capsys):
    session = opened()
    run(session, 60)
    saved(session)
    run(session, 10)
    for optimizer in session.model.optimizers.values():
        optimizer.learning_rate = 1.0
    for _ in range(60):
        step(session)
        if session.record.rollbacks:
            break
    assert session.iteration == 60
    assert all(np.isfinite(array).all() for array in session.model.weights().values())
    assert next_number(session) == 60 + session.record.skipped_batches
    assert "Rolled back to the save of iteration 60" in capsys.readouterr().err
    for optimizer in session.model.optimizers.values():
        optimizer.learning_rate = QUICK
    run(session, 50)
    assert session.iteration == 110
    assert session.history.losses(20).mean() < 1.1 * session.history.losses()[40:60].mean()
    session.saves.finish()
    assert session.saves.saved_iteration == 110  # the save that waited until all was calm again


def test_a_poisoned_discriminator_is_replaced_by_the_saved_one(opened):
    session = opened()
    run(session, 2)
    saved(session)
    run(session, 3)
    for variable in session.model.parts["GAN"].weights:
        variable.assign(variable * 1e30)
    run(session, 10)
    assert (session.iteration, session.record.skipped_steps, session.record.rollbacks) == (2, 10, 1)
    run(session, 3)
    assert session.iteration == 5
    assert all(np.isfinite(array).all() for array in session.model.weights().values())


def test_saves_wait_for_calm_but_the_last_one_is_made_and_marked(opened, capsys):
    session = opened(bad=range(4, 12))
    run(session, 2)
    saved(session)
    run(session, 5)
    assert (session.iteration, session.guard.stable) == (4, False)
    session.saves.save()
    session.saves.save()
    assert not session.saves.busy
    assert capsys.readouterr().err.count("Saving is postponed until it is stable again") == 1
    session.saves.final_save()
    assert "Iteration 4 looks unstable. Its save is marked as doubtful" in capsys.readouterr().err
    newest = session.model_dir.newest()[0]
    assert (newest.suspicious, newest.state()["doubtful"]["since"]) == (True, 3)
    facts = quick_facts(session.model_dir)
    assert (facts["doubtful"], facts["skipped_steps"], facts["rollbacks"]) == (True, 3, 0)
    run(session, 6)  # five bad ones more, then a good one
    session.saves.finish()
    assert (session.saves.saved_iteration, session.model_dir.newest()[0].suspicious) == (5, False)


def test_a_good_save_outlives_any_number_of_doubtful_ones(opened):
    session = opened(bad=range(3, 400))
    run(session, 3)
    saved(session)
    for _ in range(3):
        run(session, 1)
        session.saves.final_save()
        session.iteration += 1
    kept = [(one.state()["iteration"], one.suspicious) for one in session.model_dir.generations()]
    assert kept == [(5, True), (4, True), (3, False)]


def test_after_three_times_it_ends_with_advice_and_the_best_save(opened, capsys):
    session = opened(bad=range(4, 400))
    actions = [lambda: session.iteration in (1, 2, 4) and session.guard.stable and saved(session)]
    with pytest.raises(RecoveryFailed) as failure:
        train(session, actions, SimpleNamespace(pressed=lambda: None), SimpleNamespace(signal=None))
    assert capsys.readouterr().err.count("Rolled back to") == 3
    assert (failure.value.rollbacks, failure.value.kept) == (3, 4)
    assert session.model_dir.newest()[0].state()["iteration"] == 4
    error = explain_recovery_failed(failure.value, OPTIONS)
    assert "after 3 rollbacks" in error.what
    assert "Start again to resume from iteration 4" in error.fix
    set_language("zh")
    assert "回退 3 次后" in explain_recovery_failed(failure.value, OPTIONS).what


@pytest.mark.parametrize("kind", ["weights", "slots"])
def test_numbers_that_are_not_finite_are_never_saved_and_training_goes_back(opened, capsys, kind):
    session = opened()
    run(session, 3)
    saved(session)
    run(session, 2)
    variables = session.model.named_weights() if kind == "weights" else session.model.named_state()
    key = next(key for key, variable in variables.items() if len(variable.shape) == 4)
    broken = np.array(variables[key])
    broken.flat[7] = np.inf
    variables[key].assign(broken)
    session.saves.save()
    assert not session.saves.finish()
    assert [one.folder.name for one in session.model_dir.generations()] == ["0000003"]
    recover(session, session.saves.take_verdict())
    assert session.iteration == 3
    said = capsys.readouterr().err
    assert f"{key}). Rolled back to the save of iteration 3" in said
    run(session, 2)
    session.saves.final_save()
    assert session.model_dir.newest()[0].state()["iteration"] == 5


def test_a_last_save_that_is_not_finite_keeps_the_one_before_and_says_so(opened):
    session = opened()
    run(session, 3)
    saved(session)
    run(session, 1)
    variable = session.model.parts["GAN"].weights[0]
    variable.assign(variable * np.nan)
    with pytest.raises(RecoveryFailed) as failure:
        session.saves.final_save()
    error = explain_recovery_failed(failure.value, OPTIONS)
    assert error.what == "Training failed at iteration 4, which was not saved."
    assert "weights.safetensors: GAN/" in error.saw
    assert "resume from iteration 3" in error.fix
    assert session.model_dir.newest()[0].state()["iteration"] == 3


def test_the_save_that_a_rollback_went_to_outlives_later_ones_until_training_has_proved_stable(opened):
    session = opened()
    run(session, 2)
    saved(session)
    run(session, 2)
    saved(session)  # the bad one, of which nobody knows yet
    names = [one.folder.name for one in session.model_dir.generations()]
    assert names == ["0000004", "0000002"]
    run(session, 1)
    recover(session, Verdict("losses", 3, "src", 5.0))
    assert (session.iteration, session.record.refuge) == (2, "0000002")
    for _ in range(3):
        session.guard.losses.since = None
        run(session, 1)
        session.saves.final_save()
        assert "0000002" in [one.folder.name for one in session.model_dir.generations()]
    again = opened()  # a stop makes no difference
    assert again.record.refuge == "0000002"
    again.iteration = 2 + REDUCED_STEP_ITERATIONS
    again.guard.losses.since = None
    run(again, 1)
    again.saves.final_save()
    assert "0000002" not in [one.folder.name for one in again.model_dir.generations()]


def test_without_a_save_it_ends_at_once(opened):
    session = opened(bad=range(400))
    with pytest.raises(RecoveryFailed) as failure:
        run(session, 20)
    assert (failure.value.iteration, failure.value.kept) == (0, None)
    assert "Start over with other options" in explain_recovery_failed(failure.value, OPTIONS).fix


def test_a_network_that_paints_grey_goes_back(opened):
    session = opened()
    run(session, 2)
    saved(session)
    session.guard.collapse.check(2, {"src": 1.0, "dst": 1.0})  # it could paint faces once
    session.guard.collapse.next_check = 4
    decoder = session.model.parts["decoder_src"].weights

    def step_and_break():
        step(session)
        for variable in decoder:
            variable.assign(variable * 0)

    for _ in range(30):
        step_and_break()
        if session.record.rollbacks:
            break
    assert session.record.rollbacks == 1
    assert session.iteration == 2


def test_care_ends_after_its_time(opened, capsys):
    session = opened()
    session.apply_record(RecoveryRecord().after_rollback(5, to=2))
    rates = [float(one.learning_rate_scale.numpy()) for one in session.model.optimizers.values()]
    assert rates == [0.5, 0.5]
    session.iteration = 2 + REDUCED_STEP_ITERATIONS - 1
    session.step()
    assert "full step size restored" in capsys.readouterr().err
    assert session.record == RecoveryRecord(skipped_batches=3, rollbacks=1)
    assert [float(one.learning_rate_scale.numpy()) for one in session.model.optimizers.values()] == [1, 1]


def test_a_record_survives_the_state_file():
    record = RecoveryRecord().after_skipped_step().after_rollback(700, to=500)
    assert record == RecoveryRecord(
        skipped_batches=201, skipped_steps=1, rollbacks=1, recent_rollbacks=1, reduced_until=2500
    )
    state = State.of(model_class="SAEHD", iteration=1, seed=1, options={}, guard=asdict(record))
    assert RecoveryRecord.from_state(State(json.loads(json.dumps(state)))) == record
    assert RecoveryRecord.from_state(State()) == RecoveryRecord()


def test_a_save_of_pretraining_is_the_beginning_of_what_came_after():
    state = State(iteration=5000, options={"pretrain": True})
    assert iteration_in(state, {"pretrain": False}) == 0
    assert iteration_in(state, {"pretrain": True}) == 5000


@pytest.mark.parametrize(
    ("changes", "iteration", "named"),
    [
        ({}, 90_000, "gan_power"),
        ({"face_style_power": 3.0}, 500, "face_style_power on a new model"),
        ({"face_style_power": 3.0}, 90_000, "gan_power"),
        ({"gan_power": 0.0, "true_face_power": 0.01}, 90_000, "true_face_power 0.01"),
        ({"gan_power": 0.0, "bg_style_power": 2.0}, 90_000, "bg_style_power 2.0"),
        ({"gan_power": 0.0, "clipgrad": False}, 90_000, "clipgrad"),
        ({"gan_power": 0.0, "clipgrad": True}, 90_000, "none of the options"),
    ],
)
def test_the_usual_cause_is_an_option_that_is_on(changes, iteration, named):
    assert named in usual_cause(OPTIONS | changes, iteration)
