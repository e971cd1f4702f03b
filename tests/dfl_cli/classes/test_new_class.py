"""A model class with one input and one loss, written down in this file alone, goes the whole way of `dfl train`."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import cv2
import numpy as np
import pytest

from dfl_cli.classes.model_class import ModelClass
from dfl_cli.classes.pair_feed import cache_bytes, sample_spec
from dfl_cli.classes.preview import Preview, mosaic, rows_shown
from dfl_cli.classes.registry import CLASSES
from dfl_cli.main import main
from dfl_cli.options.tables.run import (
    AUTOBACKUP_HOUR,
    BATCH_SIZE,
    CHOOSE_PREVIEW_HISTORY,
    RANDOM_SRC_FLIP,
    TARGET_ITER,
    WRITE_PREVIEW_HISTORY,
)
from dfl_cli.options.tables.structure import FACE_TYPE, RESOLUTION
from dfl_cli.store.measure_history import read_measures
from dfl_cli.store.model_dir import ModelDir
from models import weights
from models.layout import Layer, Layout, Optimizer, part
from models.model_class import NetworkClass
from samplers.batches import Batches
from samplers.face_cache import FaceCache

NAME = "Outline"
BROKEN: set[int] = set()  # numbers of batches that hold no numbers


class OutlineBatch(NamedTuple):
    """What one step learns from: pictures (B, R, R, 3) and the masks (B, R, R, 1) of the faces in them."""

    picture: Any
    mask: Any

    def first(self, count: int) -> "OutlineBatch":
        return OutlineBatch(*(array[:count] for array in self))


class OutlineFeed:
    """Batches of the faces of src."""

    def __init__(self, src, options: Mapping, *, seed: int, start: int):
        spec = sample_spec(
            {**options, "random_warp": False, "random_dst_flip": False, "ct_mode": "none"}, "src", scale_range=(0, 0)
        )
        self.number, cache = start, FaceCache(cache_bytes(options))
        self.batches = Batches(
            src, spec, side="src", batch_size=options["batch_size"], seed=seed, start=start, workers=1, cache=cache
        )

    def __next__(self) -> OutlineBatch:
        made, number = next(self.batches), self.number
        self.number += 1
        return OutlineBatch(made.target * np.float32(np.nan if number in BROKEN else 1), made.mask)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.batches.close()

    @property
    def skipped(self) -> list:
        return self.batches.skipped


def layout(options: Mapping) -> Layout:
    net = part("net", [Layer({"weight": (3, 3, 3, 1), "bias": (1,)}, options["resolution"] ** 2)], faces=1)
    return Layout((net,), (Optimizer("net_opt", "net_opt", (net,)),))


def noise(count: int, side: int) -> OutlineBatch:
    pictures = np.random.default_rng(1).random((count, side, side, 3), np.float32)
    return OutlineBatch(pictures, pictures[..., :1])


def make(options: Mapping, seed: int):
    import keras
    from keras import ops

    from models.engine.engine import engine
    from models.model import Model
    from models.networks.blocks import Conv
    from models.optimizers import RMSprop

    class OutlineModel(Model):
        """One convolution that learns where the face is."""

        loss_names = ("outline",)

        def __init__(self):
            side = options["resolution"]
            super().__init__(resolution=side, seed=seed)
            self.net = Conv(1, 3, name="net")
            self.net(keras.KerasTensor((None, side, side, 3)))
            self.add_part("net", self.net)
            self.add_objective("outline", RMSprop(1e-3), name="net_opt", parts=["net"])
            self.compile()
            self.predict = engine().compile_forward(self.paint, (side, side, 3))

        def paint(self, picture):
            return ops.sigmoid(self.net(picture))

        def compute_losses(self, batch: OutlineBatch) -> dict:
            return {"outline": ops.mean(ops.square(self.paint(batch.picture) - batch.mask), axis=(1, 2, 3))}

        def reconstructions(self, batch: OutlineBatch, count: int) -> dict:
            return {"outline": (self.predict(batch.picture[:count]), batch.mask[:count])}

    return OutlineModel()


def open_feed(faces: Mapping, options: Mapping, *, seed: int, start: int) -> OutlineFeed:
    return OutlineFeed(faces["src"], options, seed=seed, start=start)


def draw_previews(model, batch: OutlineBatch, options: Mapping) -> list[Preview]:
    count = rows_shown(*batch.picture.shape[:2])
    masks = [np.repeat(mask[:count], 3, axis=-1) for mask in (model.predict(batch.picture), batch.mask)]
    return [Preview(NAME, mosaic([batch.picture[:count], *masks]), rows=count)]


OUTLINE = ModelClass(
    network=NetworkClass(name=NAME, loss_names=("outline",), layout=layout, noise=noise, make=make, swaps=False),
    table=(
        AUTOBACKUP_HOUR, WRITE_PREVIEW_HISTORY, CHOOSE_PREVIEW_HISTORY, TARGET_ITER, RANDOM_SRC_FLIP, BATCH_SIZE, RESOLUTION,
        FACE_TYPE,
    ),
    open_feed=open_feed,
    draw_previews=draw_previews,
)  # fmt: skip


@pytest.fixture
def train(tmp_path, fixtures, monkeypatch):
    """`train(name, *flags)`: `dfl train` of the new class, without anybody to ask -> its folder."""
    monkeypatch.setitem(CLASSES, NAME, OUTLINE)
    for side in ("src", "dst"):
        (tmp_path / side).mkdir()
        for path in sorted((fixtures / "formats").glob("*.jpg"))[:2]:
            shutil.copy(path, tmp_path / side)

    def run(name: str, *flags: str) -> ModelDir:
        places = [f"--{word}={tmp_path / word}" for word in ("src", "dst", "models")]
        line = [
            "train",
            "--model",
            NAME,
            *places,
            "--name",
            name,
            "--silent-start",
            "--cpu",
            "--seed",
            "1",
            "--preview",
        ]
        small = ["--resolution=64", "--face-type=wf", "--batch-size=2"]
        assert main([*line, "file", *small, *flags]) == 0
        return ModelDir(tmp_path / "models" / name)

    BROKEN.clear()
    yield run
    BROKEN.clear()


def saved_weights(model_dir: ModelDir) -> dict[str, np.ndarray]:
    return weights.load(model_dir.newest()[0].weights_file)


def test_it_trains_shows_saves_and_resumes(train, capsys):
    straight = train("straight", "--target-iter=12")
    stopped = train("stopped", "--target-iter=5", "--write-preview-history=y", "--tensorboard")
    resumed = train("stopped", "--target-iter=12", "--tensorboard")
    assert resumed.folder == stopped.folder
    for key, array in saved_weights(straight).items():
        np.testing.assert_array_equal(array, saved_weights(resumed)[key], err_msg=key)

    header, *rows = (resumed.folder / "loss.csv").read_text().splitlines()
    assert header == "iteration,seconds,outline_loss"
    assert [row.split(",")[0] for row in rows] == [str(number) for number in range(1, 13)]
    assert resumed.newest()[0].state()["options"]["resolution"] == 64
    picture = cv2.imread(str(resumed.folder / "preview.png"))
    assert picture.shape == (100 + 2 * 64, 3 * 64, 3)  # the graph, then two faces in three columns
    assert (resumed.folder / "history" / NAME / "0000010.jpg").is_file()
    assert main(["model", "info", "stopped", "--models", str(resumed.folder.parent)]) == 0
    said = capsys.readouterr().out
    assert (
        "Current iteration: 5 " in said
        and "Current iteration: 12 " in said
        and "Reached the target of 12 iterations." in said
    )


def test_tensorboard_shows_its_loss_and_its_pictures(train):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = train("seen", "--target-iter=3", "--tensorboard").folder / "tensorboard"
    events = EventAccumulator(str(folder)).Reload()
    assert "loss/outline" in events.Tags()["scalars"]
    assert f"preview/{NAME}" in events.Tags()["images"]


def test_the_guard_leaves_bad_steps_out_and_goes_back(train, capsys):
    BROKEN.update(range(4, 14))
    model_dir = train("guarded", "--target-iter=15")
    said = capsys.readouterr().err
    assert "10 steps in a row without finite losses or gradients. Rolled back to the save of iteration 1" in said
    state = model_dir.newest()[0].state()
    assert (state["iteration"], state["guard"]["rollbacks"], state["guard"]["skipped"]) == (15, 1, 10)
    assert all(np.isfinite(array).all() for array in saved_weights(model_dir).values())


def test_the_guard_looks_at_what_it_reconstructs(train, monkeypatch):
    asked = []
    made = OUTLINE.network.make

    def watched(options, seed):
        model = made(options, seed)
        answer = model.reconstructions
        model.reconstructions = lambda batch, count: asked.append(count) or answer(batch, count)
        return model

    monkeypatch.setitem(CLASSES, NAME, replace(OUTLINE, network=replace(OUTLINE.network, make=watched)))
    train("watched", "--target-iter=12")
    assert asked == [2, 2]  # at the first iteration and at the eleventh


def test_what_is_known_about_it_agrees_with_its_networks():
    model = OUTLINE.network.build({"resolution": 64}, seed=1)
    (net,) = layout({"resolution": 64}).parts
    assert {key: tuple(variable.shape) for key, variable in model.named_weights().items()} == {
        f"net/{path}": shape for path, shape in net.tensors.items()
    }


def test_it_is_measured_on_faces_that_are_held_out(train, monkeypatch, capsys):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    class Darkness:
        name, examples = "darkness", 24

        def values(self, model) -> dict[str, float]:
            return {"one face": float(1 - model.predict(np.zeros((1, 64, 64, 3), np.float32)).mean())}

    monkeypatch.setitem(CLASSES, NAME, replace(OUTLINE, open_measure=lambda *faces_and_options: Darkness()))
    folder = train("measured", "--target-iter=3", "--tensorboard").folder
    events = EventAccumulator(str(folder / "tensorboard")).Reload()
    (shown,) = events.Scalars("held_out/darkness")
    (kept,) = read_measures(folder)
    assert (shown.step, kept.iteration, kept.examples) == (3, 3, 24)
    assert shown.value == pytest.approx(kept.mean, abs=1e-4)
    assert f"darkness of 1 held-out face: {kept.mean:.3f}, trained on 24 faces." in capsys.readouterr().err
