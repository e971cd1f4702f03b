"""A device that is slow: what it gets, in which order, and that nothing comes out differently for it."""

import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dfl_cli.bench.save import plan_for
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import open_model
from dfl_cli.train.guard.verdict import Verdict
from dfl_cli.train.loop import train
from dfl_cli.train.periodic import EveryIterations
from dfl_cli.train.start import periodic_actions
from models import weights
from models.engine import runtime

runtime.prepare("cpu")

from models.engine.device import NotComputed, RemoteDevice  # noqa: E402
from models.engine.out_of_memory import OutOfMemory  # noqa: E402

PATIENCE = 60  # seconds after which something is taken for never coming
TINY = {"ae_dims": 32, "e_dims": 16, "d_dims": 16, "d_mask_dims": 16, "resolution": 64, "batch_size": 2}
QUIET = SimpleNamespace(signal=None)
NO_KEYS = SimpleNamespace(pressed=lambda: None)


def one_at_a_time() -> None:
    """An action that may need the model at any time."""


class FirstSaveWritten:
    """An action that waits for the save of a new model, so that its end does not keep a later step from being dispatched."""

    def __init__(self, session):
        self.session = session

    def due(self, iteration: int) -> bool:
        return iteration == 2

    def __call__(self) -> None:
        if self.session.iteration == 2:
            assert self.session.saves.finish() or self.session.saves.saved_iteration == 1


class SlowDevice(RemoteDevice):
    """Ends no step before the next batch has arrived, and before the next step was dispatched where one is expected.

    follows  (number of a step) -> whether another one is dispatched before it ends; None: it waits for nothing
    events   what happened, in order: ("upload", number), ("dispatch", number), ("end", number)
    """

    def __init__(self, follows):
        super().__init__("CPU:0")
        self.follows, self.events, self.bytes, self.failing = follows, [], [], set()
        self.until: dict[int, Path] = {}  # number of a step -> a file that there has to be before it ends
        self._changed = threading.Condition()
        self._dispatched = self._uploaded = self._computed = 0

    def put(self, array):
        self.bytes[-1] += array.nbytes
        return super().put(array)

    def upload(self, batch):
        self.bytes.append(0)
        there = super().upload(batch)
        self._uploaded += 1
        self._note("upload", self._uploaded)
        return there

    def dispatch(self, train, batch, after=None):
        self._dispatched += 1
        self._note("dispatch", number := self._dispatched)
        return super().dispatch(lambda there: self._slowly(train, there, number), batch, after)

    def _slowly(self, train, batch, number: int):
        if number in self.failing:
            raise OutOfMemory("OOM when allocating tensor")
        found = train(batch)
        if self.follows:
            self._await("upload", number + 1)
        if self.follows and self.follows(number):
            self._await("dispatch", number + 1)
        if number in self.until:
            deadline = time.monotonic() + PATIENCE
            while not self.until[number].exists():
                assert time.monotonic() < deadline, f"{self.until[number].name} never came"
                time.sleep(0.01)
        self._note("end", number)
        return found

    def _note(self, *event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def _await(self, *event) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: event in self.events, PATIENCE), f"{event} never came"


@pytest.fixture(scope="module")
def network(tmp_path_factory, few_faces):
    """A plan and one compiled model, with its first weights."""
    from dfl_cli.train.open_session import build

    plan = plan_for(tmp_path_factory.mktemp("models"), TINY, [])
    model = build(plan)
    return SimpleNamespace(plan=plan, faces=few_faces, model=model, first=(model.weights(), model.optimizer_state()))


@pytest.fixture
def opened(network, tmp_path):
    """`opened(device, **options)`: a session of a new model."""
    from dfl_cli.train.open_session import open_session

    with ExitStack() as stack:

        def open_one(device=None, name="ab", preview="off", **options):
            plan = replace(
                network.plan,
                model_dir=ModelDir(tmp_path / name),
                options={**network.plan.options, **options},
                preview=preview,
            )
            network.model.load(*network.first)
            session = open_session(plan, network.faces, stack, model=network.model, device=device)
            return session, plan

        yield open_one


def trained(session, plan, *actions) -> dict:
    """Train to the target; what there is then."""
    train(session, [*periodic_actions(session, plan), *actions], NO_KEYS, QUIET)
    losses = session.history.losses()
    return {"losses": losses, **session.model.weights(), **session.model.optimizer_state()}


def assert_same(ours, theirs) -> None:
    assert ours.keys() == theirs.keys()
    for key, array in ours.items():
        np.testing.assert_array_equal(array, theirs[key], err_msg=key)


def test_the_next_batch_arrives_and_the_next_step_is_dispatched_while_a_step_is_computed(opened):
    device = SlowDevice(follows=lambda number: number in (2, 3, 4, 6))
    pictures = EveryIterations(5, lambda iteration: None, lambda: session.iteration)
    session, plan = opened(device, target_iter=7)
    found = trained(session, plan, pictures)
    assert session.iteration == 7 and len(device.bytes) >= 7
    order = {event: place for place, event in enumerate(device.events)}
    for number in (2, 3, 4, 6):  # 1: a new model is saved; 5: a picture is drawn; 7: the target
        assert order["upload", number + 1] < order["dispatch", number + 1] < order["end", number]
    for number in (1, 5):
        assert order["upload", number + 1] < order["end", number] < order["dispatch", number + 1]
    assert ("dispatch", 8) not in order
    assert_same(found, trained(*opened(name="alone", target_iter=7), one_at_a_time))


def test_a_save_holds_the_iteration_it_says_whenever_it_is_asked_for(opened):
    alone, plan = opened(name="alone")
    expected = {}
    for iteration in range(1, 10):
        alone.step()
        expected[iteration] = alone.model.weights()

    session, plan = opened(SlowDevice(follows=lambda number: False), target_iter=9)
    asked = {3: "s", 5: "s", 7: "q"}
    keys = SimpleNamespace(pressed=lambda: asked.pop(session.iteration, None))
    train(session, periodic_actions(session, plan), keys, QUIET)
    assert session.stopped and session.iteration == 8
    rows = (session.model_dir.folder / "loss.csv").read_text().splitlines()[1:]
    assert [int(row.split(",")[0]) for row in rows] == list(range(1, session.iteration + 1))
    saves = session.model_dir.generations()
    assert len(saves) == 2
    for save in saves:
        for key, array in weights.load(save.weights_file).items():
            np.testing.assert_array_equal(array, expected[save.state()["iteration"]][key], err_msg=key)


def test_a_step_that_fails_takes_the_one_behind_it_along_and_what_came_before_is_saved(opened):
    device = SlowDevice(follows=lambda number: False)
    device.failing = {4}
    session, plan = opened(device, target_iter=9)
    with pytest.raises(OutOfMemory):
        trained(session, plan, FirstSaveWritten(session))
    assert (session.iteration, open_model(session.model_dir).iteration) == (3, 3)
    assert ("end", 5) not in device.events and ("dispatch", 5) in device.events
    alone, _ = opened(name="alone")
    for _ in range(3):
        alone.step()
    assert_same(session.model.weights(), alone.model.weights())


class DivergesOnce:
    """A guard that takes the losses of one iteration for a collapse."""

    def __init__(self, guard, at: int):
        self.guard, self.at = guard, at

    def __getattr__(self, name):
        return getattr(self.guard, name)

    def after_step(self, iteration, losses):
        if iteration == self.at:
            self.at = None
            return Verdict("losses", 1, "src", 9.0)
        return self.guard.after_step(iteration, losses)


def test_a_rollback_gives_back_the_batch_of_the_step_that_was_under_way(opened):
    """Batches, weights and losses are those of a session that takes one step at a time."""
    found = []
    for actions in ((), (one_at_a_time,)):
        device = SlowDevice(follows=None)
        session, plan = opened(device, name=f"ab{len(found)}", target_iter=8)
        session.guard = DivergesOnce(session.guard, at=4)
        found.append(
            trained(session, plan, FirstSaveWritten(session), *actions)
            | {"skipped": np.array(session.record.skipped_batches)}
        )
        assert session.record.rollbacks == 1
        assert device.events.count(("end", 12)) == (not actions)  # 8 iterations, 3 undone, and what was under way
    assert_same(*found)


def test_previews_are_encoded_and_written_while_the_next_step_is_computed(opened, tmp_path):
    device = SlowDevice(follows=None)
    device.until[2] = tmp_path / "ab" / "preview.png"
    session, plan = opened(device, preview="file", target_iter=3)
    trained(session, plan)
    assert session.iteration == 3


def test_a_step_behind_one_that_failed_is_not_computed():
    device, computed = SlowDevice(follows=lambda number: False), []
    device.failing = {1}
    first = device.dispatch(computed.append, "a")
    with pytest.raises(NotComputed):
        device.dispatch(computed.append, "b", first).result()
    device.close()
    assert not computed


def test_what_is_exact_in_eight_bits_or_there_already_travels_once_and_arrives_bit_for_bit():
    device = SlowDevice(follows=lambda number: False)
    noise = np.random.default_rng(0)
    decoded = noise.integers(0, 256, (2, 64, 64, 3)).astype(np.uint8).astype(np.float32) / 255.0
    warped = noise.random((2, 64, 64, 3), np.float32)
    mask = (warped[..., :1] > 0.5).astype(np.float32)
    almost = mask.copy()
    almost[1, 63, 63] = np.nextafter(np.float32(1), np.float32(0))
    for array in (decoded, warped, mask, almost, -mask, np.full_like(mask, np.nan)):
        device.bytes.clear()
        arrived = device.upload((array, array.copy()))
        exact = array is decoded or array is mask
        assert device.bytes[0] - (exact and 1024 * (device.bytes[0] > array.size)) == array.size * (1 if exact else 4)
        for one in arrived:
            np.testing.assert_array_equal(np.asarray(one).view(np.uint32), array.view(np.uint32))
    device.close()
