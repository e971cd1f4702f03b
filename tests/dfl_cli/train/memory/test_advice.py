"""Memory that really is not enough: a batch that no address space holds, a process with a limit, a view that wants too much."""

import io
import os
import re
import resource
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pexpect
import pytest

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.devices import Gpu
from dfl_cli.errors import UserError
from dfl_cli.options.answers_file import read_answers
from dfl_cli.options.stages import NO_STAGES
from dfl_cli.options.wizard import ask_table
from dfl_cli.preview.gallery import Gallery
from dfl_cli.store.loss_history import LossHistory
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.remembered import read_remembered
from dfl_cli.store.state import State
from dfl_cli.train.guard.guard import Guard
from dfl_cli.train.guard.record import RecoveryRecord
from dfl_cli.train.loop import train
from dfl_cli.train.memory.advice import TrainingOutOfMemory, smaller_batch, with_fitting_batch, with_smaller_batch
from dfl_cli.train.plan import Plan
from dfl_cli.train.previews import Previews
from dfl_cli.train.report import LossReport
from dfl_cli.train.session import Session
from dfl_cli.translate import set_language
from models.classes.pair_batch import PairBatch, pair_reconstructions
from models.engine.out_of_memory import OutOfMemory
from models.engine.train_step import StepResult

ROOT = Path(__file__).resolve().parents[4]
NAMES = ("src", "dst")
TOO_MANY = 10**9  # faces; no address space holds so many
ADDRESSES = 5_000_000_000  # bytes for the whole process; TensorFlow takes 2 of them before it begins


def live_in_little_memory() -> None:
    """On two cores, because the stacks of TensorFlow's threads count as well."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))


def test_a_new_model_goes_on_with_a_batch_that_fits_when_the_person_agrees_and_the_next_is_proposed_it(trainer):
    written = trainer.root / "run.toml"
    line = trainer.line("--silent-start", "--target-iter=1", f"--batch-size={TOO_MANY}", f"--save-answers={written}")
    terminal = pexpect.spawn(
        line[0], line[1:], cwd=str(ROOT), encoding="utf-8", timeout=300, preexec_fn=live_in_little_memory
    )
    terminal.expect("Not enough memory for iteration 1 with batch size 1000000000")
    terminal.expect_exact("The model is new and has not been saved yet.")
    terminal.expect(r"--batch-size (\d+), the estimate")
    size = int(terminal.match[1])
    terminal.expect_exact(f"Continue with batch size {size}?")
    terminal.sendline("")
    terminal.expect("Reached the target of 1 iteration")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    state = trainer.model().newest()[0].state()
    assert (state["iteration"], state["options"]["batch_size"]) == (1, size)
    assert read_remembered(trainer.root / "models", "SAEHD")["batch_size"] == size
    assert read_answers(written, SAEHD.table)["batch_size"].raw == size


@pytest.fixture
def planned(tmp_path):
    """`planned(gpus, iteration=None, **options)`: a plan for these GPUs; with an iteration the model has been saved there."""

    def plan(*gpus: Gpu, iteration: int | None = None, **changes) -> Plan:
        options = ask_table(SAEHD.table, given={key: str(value) for key, value in changes.items()}, ask_now=False)
        return Plan(
            model_dir=ModelDir(tmp_path / "ab"), model_class="SAEHD",
            saved=None if iteration is None else SimpleNamespace(iteration=iteration, options=options), init_from=None,
            options=options, devices=gpus, face_folders={}, pretraining=None, seed=1, history_seed=1,
            repeatable=False, autosave_minutes=1, preview="off",
        )  # fmt: skip

    return plan


def test_where_nobody_can_be_asked_the_message_says_what_is_safe_what_costs_most_and_what_fits(planned, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(UserError) as raised:
        with_fitting_batch(planned(iteration=700, batch_size=TOO_MANY))
    said = str(raised.value)
    assert "Nothing is lost: iteration 700 is saved." in said and "needed (estimate)" in said
    assert re.search(r"Start again with --batch-size \d+,", said) and "resolution 128 -> 64" in said
    set_language("zh")
    with pytest.raises(UserError) as raised:
        with_fitting_batch(new := planned(batch_size=TOO_MANY))
    proposed = read_remembered(new.model_dir.folder.parent, "SAEHD")["batch_size"]
    assert f"--batch-size {proposed} " in str(raised.value)
    assert "尚未保存过" in str(raised.value) and re.search(r"加 --batch-size \d+ 重新启动", str(raised.value))


def test_a_later_iteration_is_never_tried_again_and_says_what_is_on_the_disk(planned):
    plan, short = planned(iteration=700), TrainingOutOfMemory(MemoryError("full"), iteration=901, kept=850)
    with pytest.raises(UserError, match="Not enough memory for iteration 901") as raised:
        with_smaller_batch(plan, short, built=True)
    assert "The latest save is iteration 850." in str(raised.value)


def test_on_the_processor_a_batch_that_failed_is_halved_because_its_network_hides_what_is_free(planned):
    assert smaller_batch(planned(batch_size=41), tried=True) == 20
    assert smaller_batch(planned(batch_size=1), tried=True) == 0


def test_on_gpus_nothing_is_foretold_and_a_batch_is_shared_equally(planned):
    cards = [Gpu(index, "card", f"GPU-{index}", total=8 * 2**30, free=7 * 2**30) for index in range(3)]
    plan = planned(*cards, resolution=256, batch_size=900)
    assert with_fitting_batch(plan) is plan
    assert 0 < smaller_batch(plan) < 450 and smaller_batch(plan) % 3 == 0
    full = [replace(card, free=2**20) for card in cards]
    assert smaller_batch(planned(*full, batch_size=30)) == 3 and smaller_batch(planned(*full, batch_size=3)) == 0


class Model:
    """Counts its steps. Out of memory when asked for more faces than `room`, or in the step after `last`."""

    resolution = 64

    def __init__(self, *, room: int = 4, last: int = 3, intact: bool = True):
        self.room, self.last, self.intact, self.steps, self.seen = room, last, intact, 0, []

    def train(self, batch) -> StepResult:
        if self.steps == self.last:
            raise OutOfMemory("OOM when allocating tensor", intact=self.intact)
        self.steps += 1
        return StepResult(np.ones(2, np.float32), True)

    def limit_steps(self, **care) -> None:
        """Its steps have no length."""

    def weights(self, *, reuse=None) -> dict:
        return {"encoder/weight": np.full(3, self.steps, np.float32)}

    optimizer_state = weights

    def averages(self, *, reuse=None) -> dict:
        return {}

    averaged = nullcontext

    def view(self, src, dst) -> dict:
        self.seen.append(len(src))
        if len(src) > self.room:
            np.empty(2**47)
        mask = src[..., :1]
        return {"SS": src, "SSM": mask, "DD": dst, "DDM": mask, "SD": dst, "SDM": mask}

    def reconstructions(self, batch, count: int) -> dict:
        return pair_reconstructions(self.view, batch, count)


class Faces:
    """Endless batches of four grey faces."""

    skipped = ()

    def __next__(self) -> PairBatch:
        picture = np.full((4, 64, 64, 3), 0.5, np.float32)
        return PairBatch(*[picture, picture, picture[..., :1], picture[..., :1]] * 2)


@pytest.fixture
def open_session(tmp_path):
    def start(model: Model, target: int = 0) -> Session:
        model_dir = ModelDir(tmp_path / "ab")
        model_dir.create("SAEHD", {})
        options = {"target_iter": target, "face_type": "wf"}
        state = State.of(model_class="SAEHD", iteration=0, seed=1, history_seed=1, options=None)
        history, report = LossHistory(model_dir.folder / "loss.csv", 0, NAMES), LossReport()
        previews = Previews(
            model_dir.folder, model, lambda batch: SAEHD.draw_previews(model, batch, options), history,
            report=report, gallery=Gallery(model_dir.folder, history), history_batch=next(Faces()),
        )  # fmt: skip
        return Session(
            model_dir, model, Faces(), options=options, state=state, summary=str, schedule=NO_STAGES,
            guard=Guard(NAMES, 0), record=RecoveryRecord(), history=history, previews=previews, report=report,
        )  # fmt: skip

    return start


def run(session: Session) -> None:
    previews = session.previews
    actions = [previews.write_first, lambda: previews.write_history(session.iteration)]
    try:
        train(session, actions, SimpleNamespace(pressed=lambda: None), SimpleNamespace(signal=None))
    finally:
        session.saves.close()


@pytest.mark.parametrize(("intact", "kept"), [(True, 3), (False, 1)])
def test_what_was_trained_before_memory_ran_out_is_saved_unless_the_weights_were_caught_half_way(
    open_session, intact, kept
):
    session = open_session(Model(intact=intact))
    with pytest.raises(OutOfMemory):
        run(session)
    assert session.model_dir.newest()[0].state()["iteration"] == kept


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("model_ends", [True, False])
def test_what_is_said_at_the_end_does_not_stand_on_the_loss_line(open_session, monkeypatch, model_ends):
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    session = open_session(Model(intact=False), target=0 if model_ends else 2)
    with pytest.raises(OutOfMemory) if model_ends else nullcontext():
        run(session)
    said = terminal.getvalue()
    assert said.endswith("]\n" if model_ends else "]\nReached the target of 2 iterations.\n")


def test_a_preview_without_room_shows_fewer_faces_and_training_goes_on(open_session, capsys):
    session = open_session(Model(room=1), target=3)
    run(session)
    said = capsys.readouterr().err
    assert "Not enough memory for a preview of 4 faces; trying 2." in said and "2 faces; trying 1." in said
    assert said.count("Not enough memory") == 2
    _, *seen = session.model.seen  # the guard looks first, at two faces
    assert seen[:3] == [4, 2, 1] and set(seen[3:]) == {1}
    assert (session.model_dir.folder / "preview.png").is_file()
    assert len(list((session.model_dir.folder / "history" / "SAEHD").iterdir())) == 3


def test_without_room_for_one_face_there_is_no_preview_which_is_said_once(open_session, capsys):
    session = open_session(Model(room=0), target=3)
    run(session)
    said = capsys.readouterr().err
    assert said.count("Not enough memory for preview.png.") == said.count("Not enough memory for history.") == 1
    assert session.iteration == 3 and not (session.model_dir.folder / "preview.png").exists()
