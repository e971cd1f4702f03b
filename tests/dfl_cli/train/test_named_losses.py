"""A session of a model with one loss, or three: files, lines and verdicts use the model's own names."""

import io
from contextlib import nullcontext
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from dfl_cli.classes.preview import Preview
from dfl_cli.demo.training import LossBar
from dfl_cli.options.stages import NO_STAGES
from dfl_cli.preview.gallery import Gallery
from dfl_cli.store.loss_history import LossHistory
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.state import State
from dfl_cli.train.guard.guard import Guard
from dfl_cli.train.guard.record import RecoveryRecord
from dfl_cli.train.guard.report import what_happened
from dfl_cli.train.previews import Previews
from dfl_cli.train.report import LossReport
from dfl_cli.train.session import Session
from models.engine.train_step import StepResult


class Batch(NamedTuple):
    """What a segmentation learns from."""

    image: np.ndarray
    mask: np.ndarray

    def first(self, count: int) -> "Batch":
        return Batch(*(array[:count] for array in self))


class Images:
    """Endless batches of two random images."""

    skipped = ()

    def __next__(self) -> Batch:
        image = np.random.default_rng(0).random((2, 64, 64, 3), np.float32)
        return Batch(image, image[..., :1])


class Toy:
    """Its losses are `levels`; what it reconstructs is the truth until it is `collapsed`."""

    resolution = 64

    def __init__(self, *loss_names: str):
        self.loss_names = loss_names
        self.levels = np.arange(1, 1 + len(loss_names), dtype=np.float32)
        self.collapsed = False

    def train(self, batch: Batch) -> StepResult:
        return StepResult(self.levels, True)

    def limit_steps(self, **limits) -> None:
        """Its steps have no size."""

    def reconstructions(self, batch: Batch, count: int) -> dict:
        image = batch.image[:count]
        return {"lips": (image, image), "eyes": (np.zeros_like(image) if self.collapsed else image, image)}

    def weights(self, *, reuse=None) -> dict:
        return {"net/weight": np.ones(3, np.float32)}

    optimizer_state = averages = weights

    averaged = nullcontext


@pytest.fixture(params=[("loss",), ("mask",), ("one", "two", "three")], ids=" ".join)
def session(request, tmp_path):
    model, model_dir, report = Toy(*request.param), ModelDir(tmp_path / "toy"), LossReport(io.StringIO())
    model_dir.create("Toy", {})
    history = LossHistory(model_dir.folder / "loss.csv", 0, model.loss_names)
    previews = Previews(
        model_dir.folder, model, lambda batch: [Preview("Toy", batch.image[0])], history,
        report=report, gallery=Gallery(model_dir.folder, history), history_batch=next(Images()),
    )  # fmt: skip
    session = Session(
        model_dir, model, Images(), options={"target_iter": 0}, summary=str, schedule=NO_STAGES,
        state=State.of(model_class="Toy", iteration=0, seed=1, history_seed=1, options=None),
        guard=Guard(model.loss_names, 0), record=RecoveryRecord(), history=history, previews=previews, report=report,
    )  # fmt: skip
    yield session
    session.saves.close()


def run(session: Session, most: int):
    """The first verdict in as many steps."""
    return next(filter(None, (session.step().verdict for _ in range(most))), None)


def test_every_loss_is_in_the_line_in_the_file_and_every_picture_has_its_name(session):
    names, folder = session.model.loss_names, session.model_dir.folder
    run(session, 3)
    session.previews.write_history(3)
    session.saves.final_save()
    assert "".join(f"[{number:.4f}]" for number in range(1, 1 + len(names))) in session.report.stream.getvalue()
    header, *rows = (folder / "loss.csv").read_text().splitlines()
    assert header.split(",")[2:] == ["loss" if name == "loss" else f"{name}_loss" for name in names]
    assert [row.split(",")[2:] for row in rows] == [[str(number + 1) for number in range(len(names))]] * 3
    assert (folder / "history" / "Toy" / "0000003.jpg").is_file() and (folder / "preview.png").is_file()


def test_the_loss_that_rises_is_named(session):
    assert run(session, 200) is None
    session.model.levels = session.model.levels * np.where(np.arange(len(session.model.levels)) == 0, 10, 1)
    verdict = run(session, 50)
    named = f"the {session.model.loss_names[0]} loss".replace("loss loss", "loss")
    assert what_happened(verdict).startswith(f"{named} rose to ")


def test_the_reconstruction_that_has_collapsed_is_named(session):
    assert run(session, 150) is None
    session.model.collapsed = True
    verdict = run(session, 150)
    assert (verdict.kind, verdict.name, verdict.since) == ("constant", "eyes", 111)
    assert what_happened(verdict) == "the network predicts the same image for all eyes faces"
    assert what_happened(replace(verdict, name="loss")) == "the network predicts the same image for all faces"


@pytest.mark.parametrize("names", [("mask",), ("src", "dst")])
def test_the_bar_of_the_demo_shows_each_loss_by_name(names):
    class Bar:
        def set_postfix_str(self, text: str, *, refresh: bool) -> None:
            self.text = text

        def update(self, count: int) -> None:
            """Only the text is of interest."""

    report = LossBar(bar := Bar(), names)
    report.step(1, 0.1, np.array([0.25, 0.5][: len(names)]), waited=0.0)
    assert bar.text == " ".join(["mask 0.250"] if names == ("mask",) else ["src 0.250", "dst 0.500"])
