"""Event files, read back by TensorBoard's own reader."""

import sys
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from dfl_cli.classes.preview import Preview
from dfl_cli.errors import UserError
from dfl_cli.train.tensorboard_log import TensorBoardLog, require_tensorboard

LEARNING_RATE, NAMES = 5e-5, ("src", "dst")


@pytest.fixture(autouse=True)
def without_tensorflow(monkeypatch):
    """TensorBoard's reader loads TensorFlow if it may, which takes ten seconds."""
    monkeypatch.setitem(sys.modules, "tensorboard.compat.notf", ModuleType("notf"))


def read(folder: Path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return EventAccumulator(str(folder), size_guidance={"scalars": 0, "images": 0, "tensors": 0}).Reload()


def scalars(folder: Path, tag: str) -> dict[int, float]:
    return {event.step: event.value for event in read(folder).Scalars(tag)}


def train(folder: Path, first: int, last: int, *, pace: float = 1.0, loss: float = 0.0) -> None:
    """A session from iteration `first` to `last` whose src loss is `loss` + the iteration; each takes `pace` seconds."""
    now = [0.0]
    with TensorBoardLog(folder, first - 1, lambda: LEARNING_RATE, loss_names=NAMES, clock=lambda: now[0]) as log:
        for iteration in range(first, last + 1):
            now[0] += pace
            log.step(iteration, np.array([loss + iteration, 0.5]), seconds=0.2, waited=0.1)


def test_every_number_of_an_iteration_is_there(tmp_path):
    train(tmp_path, 1, 3)
    assert scalars(tmp_path, "loss/src") == {1: 1, 2: 2, 3: 3}
    for tag, value in {
        "loss/dst": 0.5, "time/step_seconds": 0.2, "time/wait_seconds": 0.1, "learning_rate": LEARNING_RATE
    }.items():  # fmt: skip
        assert scalars(tmp_path, tag) == pytest.approx({1: value, 2: value, 3: value})


@pytest.mark.parametrize("names", [("loss",), ("mask",), ("one", "two", "three")])
def test_each_loss_of_a_model_has_a_tag_of_its_name(tmp_path, names):
    with TensorBoardLog(tmp_path, 0, lambda: LEARNING_RATE, loss_names=names) as log:
        log.step(1, np.arange(len(names), dtype=np.float32), seconds=0.2, waited=0.1)
    for index, name in enumerate(names):
        assert scalars(tmp_path, "loss" if name == "loss" else f"loss/{name}") == {1: index}
    assert scalars(tmp_path, "time/wait_seconds") == pytest.approx({1: 0.1})


def test_a_measure_is_at_the_iteration_it_was_taken(tmp_path):
    with TensorBoardLog(tmp_path, 0, lambda: LEARNING_RATE, loss_names=NAMES) as log:
        for iteration in (1, 2):
            log.step(iteration, np.array([0.1, 0.5]), seconds=0.2, waited=0.1)
            log.measure("IoU", 0.25 * iteration)
    assert scalars(tmp_path, "held_out/IoU") == {1: 0.25, 2: 0.5}


def test_fast_iterations_are_averaged_and_none_is_lost(tmp_path):
    train(tmp_path, 1, 10, pace=0.0625)
    points = scalars(tmp_path, "loss/src")
    assert points == {1: 1, 5: 3.5, 9: 7.5, 10: 10}


def test_a_resumed_run_goes_on_in_the_same_graph_and_drops_what_was_not_saved(tmp_path):
    train(tmp_path, 1, 8)  # killed; the last save was at 5
    train(tmp_path, 6, 7, loss=100)
    assert scalars(tmp_path, "loss/src") == {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 106, 7: 107}


def test_a_rollback_within_a_session_cuts_the_graph_back(tmp_path):
    now = iter(range(100))
    with TensorBoardLog(tmp_path, 0, lambda: LEARNING_RATE, loss_names=NAMES, clock=lambda: next(now)) as log:
        for iteration in (1, 2, 3, 4, 2):
            log.step(iteration, np.array([iteration, 0.0]), seconds=0.2, waited=0.1)
    assert list(scalars(tmp_path, "loss/src")) == [1, 2]


def test_previews_are_pictures_and_options_are_text(tmp_path):
    with TensorBoardLog(tmp_path, 0, lambda: LEARNING_RATE, loss_names=NAMES) as log:
        log.describe({"archi": "df", "clipgrad": True})
        log.step(1, np.array([1.0, 1.0]), seconds=0.2, waited=0.1)
        log.show([Preview("SAEHD masked", np.full((64, 320, 3), (0.0, 0.5, 1.0), np.float32))])
    events = read(tmp_path)
    (image,) = events.Images("preview/SAEHD masked")
    assert (image.step, image.width, image.height) == (1, 320, 64)
    pixels = cv2.imdecode(np.frombuffer(image.encoded_image_string, np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_allclose(pixels[32, 160], (0, 128, 255), atol=3)  # BGR
    (options,) = events.Tensors("options")
    assert b"| archi | df |" in options.tensor_proto.string_val[0]


def test_a_full_disk_ends_the_log_with_one_line_and_not_the_training(tmp_path, capsys):
    from tensorboard.summary.writer.record_writer import RecordWriter

    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with TensorBoardLog(tmp_path, 0, lambda: LEARNING_RATE, loss_names=NAMES, clock=iter(range(100)).__next__) as log:
        log._writer.close()
        log._writer = RecordWriter(Path("/dev/full").open("wb"))  # noqa: SIM115 - the log closes it
        for iteration in range(1, 30):
            log.step(iteration, np.zeros(2), seconds=0.2, waited=0.1)
    assert capsys.readouterr().err.count("No space left on device. Training continues.") == 1


def test_a_missing_package_is_named_with_what_to_type(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r'pip install "dfl-trainer\[tensorboard\]"'):
        require_tensorboard()
