"""A trainer that starts in half a second, to be killed by the hundred: everything is real but the network.

    python light_trainer.py FOLDER REACHED [SAVE_SECONDS [MEGABYTES]]

FOLDER is the model's; REACHED gets the iteration of each save that the session takes for done. Every weight is the iteration
it was saved at, so that whoever opens the model sees whether the parts of a save belong together.
"""

import sys
import time
from contextlib import nullcontext, suppress
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.errors import UserError, explain
from dfl_cli.main import report
from dfl_cli.options.stages import NO_STAGES
from dfl_cli.options.wizard import ask_table
from dfl_cli.preview.gallery import Gallery
from dfl_cli.store.lock import LockLost
from dfl_cli.store.loss_history import LossHistory
from dfl_cli.store.model_dir import ModelDir
from dfl_cli.store.saved_model import open_model
from dfl_cli.store.state import State
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.train.guard.guard import Guard
from dfl_cli.train.guard.record import RecoveryRecord
from dfl_cli.train.loop import train
from dfl_cli.train.periodic import EverySeconds
from dfl_cli.train.previews import Previews
from dfl_cli.train.report import LossReport
from dfl_cli.train.saving.report import SaveFailed, explain_save_failed
from dfl_cli.train.session import Session
from models import weights
from models.classes.pair_batch import pair_reconstructions
from samplers.files.atomic_file import write_atomically

RESOLUTION = 64
STEP_SECONDS = 0.004


class CountingModel:
    """Learns nothing but how often it was trained."""

    resolution = RESOLUTION
    loss_names = ("src", "dst")

    def __init__(self, iteration: int, megabytes: float):
        parts = 8
        self.arrays = {
            f"part{number}/weight": np.full(int(megabytes * 250_000 / parts), iteration, np.float32)
            for number in range(parts)
        }

    def train(self, batch) -> tuple[np.ndarray, bool, bool]:
        for array in self.arrays.values():
            array += 1
        time.sleep(STEP_SECONDS)
        return np.array([1.0, 0.5], np.float32), True, False  # as StepResult, without loading TensorFlow

    def limit_steps(self, **care) -> None:
        """Its steps have no length."""

    def weights(self, *, reuse=None) -> dict:
        return {name: array.copy() for name, array in self.arrays.items()}

    optimizer_state = weights

    def averages(self, *, reuse=None) -> dict:
        return {}

    averaged = nullcontext

    def view(self, src, dst) -> dict:
        mask = src[..., :1]
        return {"SS": src, "SSM": mask, "DD": dst, "DDM": mask, "SD": dst, "SDM": mask}

    def reconstructions(self, batch, count: int) -> dict:
        return pair_reconstructions(self.view, batch, count)


class Faces:
    """An endless batch of one grey face."""

    skipped = ()

    def __next__(self):
        picture = np.full((1, RESOLUTION, RESOLUTION, 3), 0.5, np.float32)
        mask = picture[..., :1]
        return SimpleNamespace(target_src=picture, target_dst=picture, mask_src=mask, mask_dst=mask)


def open_session(model_dir: ModelDir, megabytes: float) -> Session:
    saved = open_model(model_dir) if model_dir.exists else None
    iteration = saved.iteration if saved else 0
    if saved:
        model_dir.clean()
        stored = weights.load(saved.generation.weights_file)
        assert {float(number) for array in stored.values() for number in (array.min(), array.max())} == {iteration}
    else:
        model_dir.create("SAEHD", {})
    options = ask_table(SAEHD.table, ask_now=False) | {"target_iter": 0, "face_type": "wf"}
    known = State.of(model_class="SAEHD", iteration=iteration, seed=1, history_seed=1, options=saved and options)
    model, report = CountingModel(iteration, megabytes), LossReport()
    history = LossHistory(model_dir.folder / "loss.csv", iteration, model.loss_names)
    previews = Previews(
        model_dir.folder, model, lambda batch: SAEHD.draw_previews(model, batch, options), history,
        report=report, gallery=Gallery(model_dir.folder, history),
    )  # fmt: skip
    return Session(
        model_dir, model, Faces(), options=options, state=known, summary=lambda reached: f"iteration {reached}",
        schedule=NO_STAGES, guard=Guard(model.loss_names, iteration), record=RecoveryRecord(),
        history=history, previews=previews, report=report,
    )  # fmt: skip


def main(folder: Path, reached: Path, save_seconds: float = 0.05, megabytes: float = 0.5) -> int:
    model_dir = ModelDir(folder)
    with model_dir.lock() as _, Interrupt() as interrupt:
        session = open_session(model_dir, megabytes)

        def note() -> None:
            with suppress(OSError):  # from injected faults
                write_atomically(reached, str(session.saves.saved_iteration or 0).encode())

        actions = [
            session.saves.poll,
            note,
            EverySeconds(save_seconds, session.saves.save),
            EverySeconds(4 * save_seconds, session.saves.backup),
        ]
        print("training", flush=True)
        try:
            train(session, actions, SimpleNamespace(pressed=lambda: None), interrupt)
        except SaveFailed as failure:
            raise explain_save_failed(failure) from failure
        except LockLost as error:
            raise explain(error) from error
        return interrupt.exit_code


if __name__ == "__main__":
    try:
        code = main(Path(sys.argv[1]), Path(sys.argv[2]), *map(float, sys.argv[3:]))
    except UserError as error:
        report(error)
        code = 1
    sys.exit(code)
